import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostPlan } from "../plan/plan";
import { type LoginArgs, runStep } from "./step";

/** Arguments of {@link Host}. */
export interface HostArgs {
  /** What lands on the host. */
  plan: HostPlan;
  /** How to log in. */
  login: LoginArgs;
}

/**
 * A Linux host with addresses of every family, forwarding, a container runtime and the Kubernetes programs.
 * {@link ControlPlane} and {@link Worker} add kubeadm. Removing it gives the host back as it was.
 */
export class Host extends pulumi.ComponentResource {
  /** Addresses, kernel modules, sysctl. */
  protected readonly network: remote.Command;
  /** Runtime, programs, images; on a joining host its secret output is the join token. */
  protected readonly system: remote.Command;

  constructor(
    type: "ControlPlane" | "Worker",
    name: string,
    args: HostArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super(`dualstack:index:${type}`, name, {}, options);
    const { plan, login } = args;
    const { ssh } = plan.host;
    this.network = runStep(`${name}-network`, { step: plan.network, ssh, login }, { parent: this });
    const after = { parent: this, dependsOn: [this.network] };
    this.system = runStep(`${name}-system`, { step: plan.system, ssh, login }, after);
  }
}
