/** The whole plan of a cluster: what lands on each host, what lands in the cluster, and what must hold then. Pure. */
import { createHash } from "node:crypto";
import { addons } from "../addons";
import type { PlannedObject } from "../addons/objects";
import { NO_UPSTREAM, type Upstream } from "../addons/upstream";
import { after } from "../hosts/confirmation";
import { joinControlPlaneStep } from "../hosts/control-plane";
import { print, type Step } from "../hosts/document";
import { kindConfig } from "../hosts/kind";
import { initStep, joinSteps } from "../hosts/kubeadm";
import { networkStep } from "../hosts/network";
import { systemStep } from "../hosts/system";
import { hostPort } from "../spec/addresses";
import type { ClusterSpec, Host } from "../spec/types";
import { type Check, checks } from "./checks";

export interface HostPlan {
  readonly host: Host;
  readonly network: Step;
  /** Counts on the network as it is here: when that changes, this step runs, too. */
  readonly system: Step;
  /** kubeadm init or join. */
  readonly kubernetes: Step;
}

export interface ClusterPlan {
  readonly spec: ClusterSpec;
  /** host:port of the API server, an IPv6 address in brackets. */
  readonly endpoint: string;
  /** The first control plane, which makes the cluster; then the hosts that join, in the order of the spec. None in kind. */
  readonly hosts: readonly HostPlan[];
  /** In kind, its file. */
  readonly kind?: string;
  readonly objects: readonly PlannedObject[];
  readonly checks: readonly Check[];
}

/**
 * The plan of a cluster. The same spec gives the same bytes.
 * @throws Error for an upstream file that cannot be had, for a patch that fits no object.
 */
export function planCluster(spec: ClusterSpec, upstream: Upstream = NO_UPSTREAM): ClusterPlan {
  return {
    spec,
    endpoint: hostPort(spec.endpoint.host, spec.endpoint.port),
    ...(spec.kind === undefined ? { hosts: planHosts(spec) } : { hosts: [], kind: kindConfig(spec, spec.kind) }),
    objects: addons(spec, upstream),
    checks: checks(spec),
  };
}

function planHosts(spec: ClusterSpec): HostPlan[] {
  const first = spec.hosts.find(({ role }) => role === "control-plane");
  if (first === undefined) throw new Error("a loaded spec has a control plane");
  const joinWorker = joinSteps(spec);
  const join = (host: Host) => (host.role === "worker" ? joinWorker(host) : joinControlPlaneStep(spec, host));
  const joining = spec.hosts.filter((host) => host !== first);
  return [planHost(spec, first, initStep(spec, first)), ...joining.map((host) => planHost(spec, host, join(host)))];
}

function planHost(spec: ClusterSpec, host: Host, kubernetes: Step): HostPlan {
  const network = networkStep(spec, host);
  return { host, network, system: after(network, systemStep(spec, host)), kubernetes };
}

/** The steps of a host in their order. */
export function steps({ network, system, kubernetes }: HostPlan): readonly Step[] {
  return [network, system, kubernetes];
}

/** A digest of all that the plan does: when it is the same, nothing has to be proved again. */
export function digest(plan: ClusterPlan): string {
  const hosts = plan.hosts.map((each) => steps(each).map(print));
  return createHash("sha256")
    .update(JSON.stringify([hosts, plan.kind, plan.objects, plan.checks].filter((part) => part !== undefined)))
    .digest("hex");
}
