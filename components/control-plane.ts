import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Certificates } from "../live/certificates";
import { authorityOf } from "../live/kubeconfig";
import type { HostPlan } from "../plan/plan";
import { Host, type HostArgs } from "./host";
import { credentialsOf, type LoginArgs, runStep } from "./step";

/** Arguments of {@link ControlPlane}. */
export interface ControlPlaneArgs extends HostArgs {
  /** Of the cluster that runs, when there is one; secret. */
  kubeconfig?: pulumi.Output<string> | undefined;
  /** What must be done on other hosts before this one begins with kubeadm. */
  after?: Promise<pulumi.Resource[]> | undefined;
}

/** The host that makes the cluster, by `kubeadm init`. */
export class ControlPlane extends Host {
  /** The step that made the cluster; what lives in the cluster is deleted with it. */
  readonly init: remote.Command;
  /** Administrator's kubeconfig; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Certificate (PEM) of the cluster's CA; public. */
  readonly authority: pulumi.Output<string>;

  /** What landed on the host. */
  readonly plan: HostPlan;
  private readonly login: LoginArgs;
  private keys: Certificates | undefined;

  constructor(name: string, args: ControlPlaneArgs, options?: pulumi.ComponentResourceOptions) {
    super("ControlPlane", name, args, options);
    this.plan = args.plan;
    this.login = args.login;
    const step = { step: args.plan.kubernetes, ssh: args.plan.host.ssh, login: args.login };
    const before = args.after?.then((others) => [this.system, ...others]) ?? [this.system];
    this.init = runStep(`${name}-kubernetes`, step, { parent: this, dependsOn: before });
    // the engine takes every output of a changed step for unknown, and with it all that is made with the kubeconfig for changed; but what
    // would make another cluster is refused, so a preview goes on with the one that runs
    const printed = pulumi.runtime.isDryRun() ? (args.kubeconfig ?? this.init.stdout) : this.init.stdout;
    this.kubeconfig = pulumi.secret(printed);
    this.authority = pulumi.unsecret(this.kubeconfig.apply(authorityOf));
    this.registerOutputs({ kubeconfig: this.kubeconfig, authority: this.authority });
  }

  /** The cluster's keys, for control planes that join; only for code that runs during an update, such as hooks. */
  certificates(): Certificates {
    if (this.keys === undefined) {
      // loaded only when a control plane joins: SSH's library is large
      const live = require("../live/certificates") as typeof import("../live/certificates");
      this.keys = new live.Certificates(this.plan.host, () => credentialsOf(this.login));
    }
    return this.keys;
  }
}
