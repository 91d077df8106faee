import * as pulumi from "@pulumi/pulumi";
import { Files } from "../live/upstream";
import { type ClusterPlan, planCluster } from "../plan/plan";
import { keepSpec } from "../spec/keep";
import type { ClusterSpec } from "../spec/types";
import { Addons } from "./addons";
import { ControlPlane } from "./control-plane";
import type { LoginArgs } from "./step";
import { Verification } from "./verification";
import { Worker } from "./worker";

/** Arguments of {@link Cluster}. */
export interface ClusterArgs extends LoginArgs {
  /** What is wanted: `loadSpec(file).spec`. */
  spec: ClusterSpec;
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

  constructor(name: string, { spec, privateKey }: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("dualstack:index:Cluster", name, {}, options);
    const plan = planOf(spec);
    const login = { privateKey };
    const child = { parent: this };

    const controlPlane = new ControlPlane(plan.first.host.name, { plan: plan.first, login }, child);
    const workers: Worker[] = [];
    for (const each of plan.joining) {
      const [pilot] = workers;
      workers.push(new Worker(each.host.name, { plan: each, login, controlPlane, ...(pilot && { pilot }) }, child));
    }
    const { kubeconfig } = controlPlane;
    // after the joins: a kubelet that is given a pod before it knows the Services tries again only some 15 s later
    const addons = new Addons(
      name,
      { clusterName: spec.name, cluster: controlPlane, objects: plan.objects },
      { ...child, dependsOn: workers },
    );
    const verification = new Verification(
      name,
      { plan, kubeconfig, login },
      { ...child, dependsOn: [controlPlane, ...workers, addons] },
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
