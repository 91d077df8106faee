import type { remote } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { Step } from "../hosts/document";
import { withAuthority } from "../hosts/kubeadm";
import type { ClusterSpec } from "../spec/types";
import { admit } from "./admission";
import type { ControlPlane } from "./control-plane";
import { Host, type HostArgs } from "./host";
import { runStep } from "./step";

/** Arguments of {@link Worker} and {@link AdditionalControlPlane}. */
export interface JoiningHostArgs extends HostArgs {
  /** The control plane that made the cluster. */
  controlPlane: ControlPlane;
  spec: ClusterSpec;
  /** The host that must have joined before. */
  after?: JoiningHost | undefined;
}

/** A host that joins a cluster, by `kubeadm join`. */
abstract class JoiningHost extends Host {
  /** The step that joined the host. */
  readonly join: remote.Command;

  constructor(
    type: "Worker" | "AdditionalControlPlane",
    name: string,
    args: JoiningHostArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super(type, name, args, options);
    const { plan, login, controlPlane, spec, after } = args;
    const step: pulumi.Output<Step> = controlPlane.authority.apply((certificate) =>
      withAuthority(plan.kubernetes, certificate),
    );
    const admission = admit({ plan, tickets: this.system.stdout, controlPlane, spec });
    this.join = runStep(
      `${name}-kubernetes`,
      { step, ssh: plan.host.ssh, login },
      {
        parent: this,
        dependsOn: after === undefined ? [this.system] : [this.system, after.join],
        hooks: { beforeCreate: [admission], beforeUpdate: [admission] },
      },
    );
    this.registerOutputs({});
  }
}

/** A host that carries pods. */
export class Worker extends JoiningHost {
  constructor(name: string, args: JoiningHostArgs, options?: pulumi.ComponentResourceOptions) {
    super("Worker", name, args, options);
  }
}

/**
 * A further control plane, with an API server and a member of etcd. They join one after the other: etcd takes a new member
 * only while it is healthy (kubeadm#1646), so each waits for the one before (`after`).
 */
export class AdditionalControlPlane extends JoiningHost {
  constructor(name: string, args: JoiningHostArgs, options?: pulumi.ComponentResourceOptions) {
    super("AdditionalControlPlane", name, args, options);
  }
}
