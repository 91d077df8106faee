/** The whole plan of a cluster: what lands on each host, what lands in the cluster, and what must hold then. Pure. */
import { createHash } from "node:crypto";
import { addons } from "../addons";
import type { PlannedObject } from "../addons/objects";
import { NO_UPSTREAM, type Upstream } from "../addons/upstream";
import { print, type Step } from "../hosts/document";
import { initStep, joinSteps } from "../hosts/kubeadm";
import { networkStep } from "../hosts/network";
import { systemStep } from "../hosts/system";
import { hostPort } from "../spec/addresses";
import type { ClusterSpec, Host } from "../spec/types";
import { type Check, checks } from "./checks";

export interface HostPlan {
  readonly host: Host;
  readonly network: Step;
  readonly system: Step;
  /** kubeadm init or join. */
  readonly kubernetes: Step;
}

export interface ClusterPlan {
  readonly spec: ClusterSpec;
  /** host:port of the API server, an IPv6 address in brackets. */
  readonly endpoint: string;
  /** The first control plane, which makes the cluster. */
  readonly first: HostPlan;
  /** The hosts that join, in the order of the spec. */
  readonly joining: readonly HostPlan[];
  readonly objects: readonly PlannedObject[];
  readonly checks: readonly Check[];
}

/**
 * The plan of a cluster. The same spec gives the same bytes.
 * @throws Error for more than one control plane, for an upstream file that cannot be had, for a patch that fits no object.
 */
export function planCluster(spec: ClusterSpec, upstream: Upstream = NO_UPSTREAM): ClusterPlan {
  const [first, second] = spec.hosts.filter(({ role }) => role === "control-plane");
  if (first === undefined) throw new Error("a loaded spec has a control plane");
  if (second !== undefined) {
    throw new Error(`hosts: ${second.name}: a second control plane cannot be joined yet: give it the role worker`);
  }
  const join = joinSteps(spec);
  return {
    spec,
    endpoint: hostPort(spec.endpoint.host, spec.endpoint.port),
    first: planHost(spec, first, initStep(spec, first)),
    joining: spec.hosts.filter((host) => host !== first).map((host) => planHost(spec, host, join(host))),
    objects: addons(spec, upstream),
    checks: checks(spec),
  };
}

function planHost(spec: ClusterSpec, host: Host, kubernetes: Step): HostPlan {
  return { host, network: networkStep(spec, host), system: systemStep(spec, host), kubernetes };
}

/** The steps of a host in their order. */
export function steps({ network, system, kubernetes }: HostPlan): readonly Step[] {
  return [network, system, kubernetes];
}

/** A digest of all that the plan does: when it is the same, nothing has to be proved again. */
export function digest(plan: ClusterPlan): string {
  const hosts = [plan.first, ...plan.joining].map((each) => steps(each).map(print));
  return createHash("sha256")
    .update(JSON.stringify([hosts, plan.objects, plan.checks]))
    .digest("hex");
}
