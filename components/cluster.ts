import * as pulumi from "@pulumi/pulumi";
import { Files } from "../live/upstream";
import { type ClusterPlan, planCluster } from "../plan/plan";
import { keepSpec } from "../spec/keep";
import type { ClusterSpec } from "../spec/types";
import { Addons } from "./addons";
import { ControlPlane } from "./control-plane";
import { AdditionalControlPlane, Worker } from "./joining";
import { Members } from "./members";
import type { Running } from "./running";
import type { LoginArgs } from "./step";
import { Verification } from "./verification";

/** Arguments of {@link Cluster}. */
export interface ClusterArgs extends LoginArgs {
  /** What is wanted: `loadSpec(file).spec`. */
  spec: ClusterSpec;
  /** What {@link refuseChanges} gave: with it a preview knows what a changed control plane leaves as it is. */
  running?: Running;
}

/** A live, verified Kubernetes cluster on plain Linux hosts, on every family that its spec names. */
export class Cluster extends pulumi.ComponentResource {
  /** Administrator's kubeconfig; secret. Known when the cluster is verified. */
  readonly kubeconfig: pulumi.Output<string>;
  /** URL of the API server. */
  readonly endpoint: pulumi.Output<string>;
  /**
   * The spec, once it is applied and proven. Export it as the stack's output `applied`: {@link refuseChanges} compares with it. No secret
   * is in it, it is only too long to be printed after every run.
   */
  readonly applied: pulumi.Output<string>;

  constructor(name: string, { spec, privateKey, running }: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("dualstack:index:Cluster", name, {}, options);
    const plan = planOf(spec);
    const login = { privateKey };
    const child = { parent: this };

    const controlPlane = new ControlPlane(plan.first.host.name, { plan: plan.first, login, ...running }, child);
    const join = { login, controlPlane, spec };
    const planes: AdditionalControlPlane[] = [];
    const workers: Worker[] = [];
    for (const each of plan.joining) {
      const { name, role } = each.host;
      const args = { plan: each, ...join };
      if (role === "worker") {
        const [pilot] = workers;
        workers.push(new Worker(name, { ...args, ...(pilot && { pilot }) }, child));
      } else {
        const before = planes.at(-1);
        planes.push(new AdditionalControlPlane(name, { ...args, pilot: before ?? controlPlane, after: before }, child));
      }
    }
    const { kubeconfig } = controlPlane;
    // after the joins: a kubelet that is given a pod before it knows the Services tries again only some 15 s later
    const addons = new Addons(
      name,
      { clusterName: spec.name, cluster: controlPlane, objects: plan.objects },
      { ...child, dependsOn: [...planes, ...workers] },
    );
    const members = new Members(
      name,
      { kubeconfig, nodes: spec.hosts.map((host) => host.name) },
      { ...child, dependsOn: [...planes, ...workers] },
    );
    const verification = new Verification(
      name,
      { plan, kubeconfig, login },
      { ...child, dependsOn: [controlPlane, ...planes, ...workers, members, addons] },
    );

    this.kubeconfig = pulumi.all([kubeconfig, verification.urn]).apply(([config]) => config);
    this.applied = pulumi.secret(verification.urn.apply(() => keepSpec(spec)));
    this.endpoint = pulumi.output(`https://${plan.endpoint}`);
    this.registerOutputs({ kubeconfig: this.kubeconfig, endpoint: this.endpoint });
  }
}

/** What keeps a plan from being made is the user's to mend, so it is shown without a stack. */
function planOf(spec: ClusterSpec): ClusterPlan {
  try {
    return planCluster(spec, new Files(spec.mirror));
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}
