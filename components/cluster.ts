import * as pulumi from "@pulumi/pulumi";
import { Files } from "../live/upstream";
import { type ClusterPlan, planCluster } from "../plan/plan";
import { keepSpec } from "../spec/keep";
import type { ClusterSpec } from "../spec/types";
import { Addons } from "./addons";
import { ControlPlane } from "./control-plane";
import { AdditionalControlPlane, Worker } from "./joining";
import { KindCluster } from "./kind";
import { Members } from "./members";
import type { Running } from "./running";
import type { LoginArgs } from "./step";
import { UpgradeOrder } from "./upgrade";
import { Verification } from "./verification";

/** Arguments of {@link Cluster}. */
export interface ClusterArgs extends LoginArgs {
  /** What is wanted: `loadSpec(file).spec`. */
  spec: ClusterSpec;
  /**
   * What {@link refuseChanges} gave: with it a preview knows what a changed control plane leaves as it is, another release of
   * Kubernetes comes to one node after the other, and the workers of a first run need no pilot ({@link HostArgs.pilot}).
   */
  running?: Running;
}

interface Nodes {
  readonly cluster: ControlPlane | KindCluster;
  readonly joined: pulumi.Resource[];
  readonly members: pulumi.Resource[];
}

/** A live, verified Kubernetes cluster on plain Linux hosts or in kind, on every family that its spec names. */
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

    const { cluster, joined, members } = this.makeNodes(name, plan, login, running);
    const { kubeconfig } = cluster;
    // after the joins: a kubelet that is given a pod before it knows the Services tries again only some 15 s later
    const addons = new Addons(
      name,
      { clusterName: spec.name, cluster, objects: plan.objects },
      { ...child, dependsOn: joined },
    );
    const verification = new Verification(
      name,
      { plan, kubeconfig, login },
      { ...child, dependsOn: [cluster, ...joined, ...members, addons] },
    );

    this.kubeconfig = pulumi.all([kubeconfig, verification.urn]).apply(([config]) => config);
    this.applied = pulumi.secret(verification.urn.apply(() => keepSpec(spec)));
    this.endpoint = pulumi.output(`https://${plan.endpoint}`);
    this.registerOutputs({ kubeconfig: this.kubeconfig, endpoint: this.endpoint });
  }

  /** The first node with its API server, the others, and who keeps the list of them: in kind, kind does. */
  private makeNodes(name: string, plan: ClusterPlan, login: LoginArgs, running: Running | undefined): Nodes {
    const { spec, hosts, kind: config } = plan;
    const child = { parent: this };
    const [first, ...joining] = hosts;
    if (first === undefined) {
      if (spec.kind === undefined || config === undefined) throw new Error("a plan has hosts, or is one for kind");
      return { cluster: new KindCluster(name, { spec, kind: spec.kind, config }, child), joined: [], members: [] };
    }
    const order = new UpgradeOrder(running?.release, spec);
    const { kubeconfig } = running ?? {};
    const made = { plan: first, login, kubeconfig, after: order.beforeFirst };
    const controlPlane = new ControlPlane(first.host.name, made, child);
    const join = { login, controlPlane, spec };
    const planes: AdditionalControlPlane[] = [];
    const workers: Worker[] = [];
    // without `running` nobody knows whether a cluster runs
    const carriesPods = running === undefined || running.release !== undefined;
    for (const each of joining) {
      const { host } = each;
      const args = { plan: each, ...join };
      if (host.role === "worker") {
        const [pilot] = carriesPods ? workers : [];
        const after = order.beforeWorker(planes, workers);
        workers.push(new Worker(host.name, { ...args, ...(pilot && { pilot }), after }, child));
      } else {
        const before = planes.at(-1);
        planes.push(
          new AdditionalControlPlane(host.name, { ...args, pilot: before ?? controlPlane, after: before }, child),
        );
      }
    }
    const joined = [...planes, ...workers];
    order.known(joined);
    const nodes = spec.hosts.map((host) => host.name);
    const members = new Members(name, { kubeconfig: controlPlane.kubeconfig, nodes }, { ...child, dependsOn: joined });
    return { cluster: controlPlane, joined, members: [members] };
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
