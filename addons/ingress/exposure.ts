/** What every ingress controller's Service has in common: families, how it is reached, the client's address. Pure. */
import { type Family, inOrder, ipFamily } from "../../spec/families";
import { type Node, nodesOf } from "../../spec/nodes";
import type { ClusterSpec } from "../../spec/types";
import type { Ingress } from "../../spec/way-in";

/** A port of the Service and where it leads. */
export interface Port {
  readonly name: "http" | "https";
  readonly targetPort: number | string;
}

const NUMBERS = { http: 80, https: 443 } as const;

/** `ipFamilyPolicy` and `ipFamilies`: all families of the cluster, primary first, or none at all rather than one of two. */
export function serviceFamilies({ network: { families } }: ClusterSpec) {
  return {
    ipFamilyPolicy: families.length > 1 ? "RequireDualStack" : "SingleStack",
    ipFamilies: families.map(ipFamily),
  };
}

/** Annotations by which MetalLB knows the pool and the fixed addresses (metallb.io/usage). */
export function balancerAnnotations(spec: ClusterSpec, { exposure }: Ingress): { [name: string]: string } {
  if (exposure.how !== "load-balancer") return {};
  const fixed = inOrder(spec.network.families, exposure.addresses).join(",");
  return {
    ...(exposure.pool === undefined ? {} : { "metallb.io/address-pool": exposure.pool }),
    ...(fixed === "" ? {} : { "metallb.io/loadBalancerIPs": fixed }),
  };
}

/** The part of a Service's spec that says how it is reached, and over which families. */
export function exposedSpec(spec: ClusterSpec, ingress: Ingress, ports: readonly Port[]) {
  const { exposure, externalIPs, keepClientAddress } = ingress;
  const isOpen = exposure.how !== "host-port" || externalIPs.length > 0;
  return {
    type: SERVICE_TYPES[exposure.how],
    ...serviceFamilies(spec),
    ...(isOpen ? { externalTrafficPolicy: keepClientAddress ? "Local" : "Cluster" } : {}),
    // the balancer's addresses are enough: no port of the nodes is opened beside them
    ...(exposure.how === "load-balancer" ? { allocateLoadBalancerNodePorts: false } : {}),
    ...(externalIPs.length > 0 ? { externalIPs: externalIPs.map(String) } : {}),
    ports: ports.map(({ name, targetPort }) => ({
      name,
      port: NUMBERS[name],
      targetPort,
      protocol: "TCP",
      ...(exposure.how === "node-port" ? { nodePort: exposure[name] } : {}),
    })),
  };
}

const SERVICE_TYPES = { "load-balancer": "LoadBalancer", "node-port": "NodePort", "host-port": "ClusterIP" } as const;

/** Port 80 or 443 of the node, where that is how the controller is reached. */
export function hostPort({ exposure }: Ingress, name: Port["name"]): { hostPort?: number } {
  return exposure.how === "host-port" ? { hostPort: NUMBERS[name] } : {};
}

/** An address and port to listen on: only the families that the cluster has. A name without an address is every address of both. */
export function listenOn(families: readonly Family[], port: number): string {
  return `${families.length > 1 ? "" : LISTEN[families[0]!]}:${port}`;
}

/** Every address of a family, as listeners write it. */
export const LISTEN: { readonly [F in Family]: string } = { ipv4: "0.0.0.0", ipv6: "[::]" };

/** The nodes on which ingress controllers run: the workers, or all where there are none. */
export function ingressHosts(spec: ClusterSpec): readonly Node[] {
  const nodes = nodesOf(spec);
  const workers = nodes.filter(({ role }) => role === "worker");
  return workers.length > 0 ? workers : nodes;
}

/** Without workers, the pods have to take the control planes. */
export function tolerations(spec: ClusterSpec) {
  return nodesOf(spec).some(({ role }) => role === "worker")
    ? []
    : [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" }];
}

/**
 * One pod on every node, where the node's own ports are the way in (with externalTrafficPolicy Local a node without one does not
 * answer); behind a load balancer two, which is enough for one to go.
 */
export function workload(spec: ClusterSpec, { exposure }: Ingress) {
  if (exposure.how !== "load-balancer") return { kind: "DaemonSet", spec: {} };
  return { kind: "Deployment", spec: { replicas: Math.min(2, ingressHosts(spec).length) } };
}

/** Two pods on two nodes, when it is possible. */
export function spread(labels: { readonly [name: string]: string }) {
  const labelSelector = { matchLabels: labels };
  return [{ maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway", labelSelector }];
}

/** Marks the class that an Ingress without a class belongs to. */
export function classAnnotations({ isDefault }: Ingress): { [name: string]: string } {
  return isDefault ? { "ingressclass.kubernetes.io/is-default-class": "true" } : {};
}

/** hostPort is not for pods under the standard "baseline" (kubernetes.io/docs/concepts/security/pod-security-standards). */
export function podSecurity({ exposure }: Ingress): { [label: string]: string } {
  return { "pod-security.kubernetes.io/enforce": exposure.how === "host-port" ? "privileged" : "restricted" };
}
