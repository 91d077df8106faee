import type * as pulumi from "@pulumi/pulumi";
import type { Step } from "../hosts/document";
import { withAuthority } from "../hosts/kubeadm";
import type { ControlPlane } from "./control-plane";
import { Host, type HostArgs } from "./host";
import { known, runStep } from "./step";

/** Arguments of {@link Worker}. */
export interface WorkerArgs extends HostArgs {
  /** The control plane to join. */
  controlPlane: ControlPlane;
}

/** Minutes in which a joining host must be done. */
const ADMISSION = 15;

/**
 * A host that joins a cluster, by `kubeadm join`. The host makes its own bootstrap token; the cluster takes it for some
 * minutes, from just before the join (a resource hook), so no token ever leads to a change on a later run.
 */
export class Worker extends Host {
  constructor(name: string, args: WorkerArgs, options?: pulumi.ComponentResourceOptions) {
    super("Worker", name, args, options);
    const { plan, login, controlPlane } = args;
    const step: pulumi.Output<Step> = controlPlane.authority.apply((certificate) =>
      withAuthority(plan.kubernetes, certificate),
    );
    const admit = async () => {
      const [kubeconfig, token] = await Promise.all([known(controlPlane.kubeconfig), known(this.system.stdout)]);
      if (token === "") return;
      // loaded only when a host joins: the client is large
      const { Kubernetes } = require("../live/kubernetes") as typeof import("../live/kubernetes");

      await new Kubernetes(kubeconfig).admit(token, ADMISSION, `dualstack: join of ${plan.host.name}`);
    };
    runStep(
      `${name}-kubernetes`,
      { step, ssh: plan.host.ssh, login },
      { parent: this, dependsOn: [this.system], hooks: { beforeCreate: [admit], beforeUpdate: [admit] } },
    );
    this.registerOutputs({});
  }
}
