import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostPlan } from "../plan/plan";
import { Confirmation } from "./confirmation";
import { type LoginArgs, runStep } from "./step";

/** Arguments of {@link Host}. */
export interface HostArgs {
  /** What lands on the host. */
  plan: HostPlan;
  /** How to log in. */
  login: LoginArgs;
  /**
   * A host whose changed network must be confirmed before this one's is touched: one mistake cannot cut off all that carry a cluster.
   * Where none runs yet, every host's own way back is enough.
   */
  pilot?: Host;
}

/**
 * A Linux host with addresses of every family, forwarding, a container runtime and the Kubernetes programs.
 * {@link ControlPlane}, {@link AdditionalControlPlane} and {@link Worker} add kubeadm. Removing it gives the host back as it was.
 */
export class Host extends pulumi.ComponentResource {
  /** Addresses, kernel modules, sysctl. */
  protected readonly network: remote.Command;
  /** That the host is reachable with these addresses. */
  protected readonly confirmation: Confirmation;
  /** Runtime, programs, images; on a joining host its secret output is what it joins with. */
  readonly system: remote.Command;

  constructor(
    type: "ControlPlane" | "AdditionalControlPlane" | "Worker",
    name: string,
    args: HostArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super(`dualstack:index:${type}`, name, {}, options);
    const { plan, login, pilot } = args;
    const { ssh } = plan.host;
    this.confirmation = new Confirmation(plan, login);
    const { afterNetwork, beforeSystem } = this.confirmation;
    const before = pilot === undefined ? [] : [pilot.confirmation.beforeOther];
    this.network = runStep(
      `${name}-network`,
      { step: plan.network, ssh, login },
      {
        parent: this,
        dependsOn: pilot === undefined ? [] : [pilot.network],
        hooks: {
          beforeCreate: before,
          beforeUpdate: before,
          afterCreate: [afterNetwork],
          afterUpdate: [afterNetwork],
        },
      },
    );
    this.system = runStep(
      `${name}-system`,
      { step: plan.system, ssh, login },
      {
        parent: this,
        dependsOn: [this.network],
        hooks: { beforeCreate: [beforeSystem], beforeUpdate: [beforeSystem] },
      },
    );
  }
}
