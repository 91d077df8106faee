/** Cilium on every family of the cluster: Helm's rendering of its chart with values that follow from the spec. Pure. */
import type { Family } from "../../spec/families";
import { nodesOf } from "../../spec/nodes";
import type { Cilium, ClusterSpec } from "../../spec/types";
import { CILIUM } from "../catalogue";
import { created, type PlannedObject } from "../objects";
import { chartObjects, type Upstream } from "../upstream";

/** The objects of Cilium. Throws Error when its chart cannot be had, or Helm refuses. */
export function cilium(spec: ClusterSpec, cni: Cilium, upstream: Upstream): PlannedObject[] {
  const chart = CILIUM[cni.version as keyof typeof CILIUM];
  const rendering = {
    release: "cilium",
    namespace: "kube-system",
    kubernetes: spec.kubernetes.version,
    values: ciliumValues(spec, cni),
  };
  return created(chartObjects(upstream, chart, rendering));
}

/** The fields of the chart that are there once for each family. */
const FIELDS: {
  readonly [F in Family]: {
    readonly enabled: string;
    readonly poolRanges: string;
    readonly poolMask: string;
    readonly required: string;
    readonly masquerade: string;
    readonly nativeRange: string;
  };
} = {
  ipv4: {
    enabled: "ipv4",
    poolRanges: "clusterPoolIPv4PodCIDRList",
    poolMask: "clusterPoolIPv4MaskSize",
    required: "requireIPv4PodCIDR",
    masquerade: "enableIPv4Masquerade",
    nativeRange: "ipv4NativeRoutingCIDR",
  },
  ipv6: {
    enabled: "ipv6",
    poolRanges: "clusterPoolIPv6PodCIDRList",
    poolMask: "clusterPoolIPv6MaskSize",
    required: "requireIPv6PodCIDR",
    masquerade: "enableIPv6Masquerade",
    nativeRange: "ipv6NativeRoutingCIDR",
  },
};

const ALL = Object.keys(FIELDS) as Family[];

/** Values of the chart (its values.yaml): all that a cluster of two families decides, and nothing else. */
export function ciliumValues(spec: ClusterSpec, cni: Cilium): { readonly [value: string]: unknown } {
  const { families, pods } = spec.network;
  const native = cni.backend === "native";
  const each = (make: (family: Family) => readonly (readonly [string, unknown])[]) =>
    Object.fromEntries(families.flatMap(make));
  const pool = each((family) => [
    [FIELDS[family].poolRanges, [pods[family]!.cidr.toString()]],
    [FIELDS[family].poolMask, pods[family]!.nodeMask],
  ]);
  const usesPool = cni.ipam === "cluster-pool";
  return {
    ...Object.fromEntries(ALL.map((family) => [FIELDS[family].enabled, { enabled: families.includes(family) }])),
    ...Object.fromEntries(ALL.map((family) => [FIELDS[family].masquerade, cni.masquerade.includes(family)])),
    ipam: { mode: cni.ipam, ...(usesPool ? { operator: pool } : {}) },
    // an agent waits until its node has a range of every family
    ...(usesPool ? {} : { k8s: each((family) => [[FIELDS[family].required, true]]) }),
    routingMode: native ? "native" : "tunnel",
    ...(native
      ? {
          autoDirectNodeRoutes: true,
          ...each((family) => [[FIELDS[family].nativeRange, pods[family]!.cidr.toString()]]),
        }
      : { tunnelProtocol: cni.backend }),
    ...(cni.mtu === undefined ? {} : { MTU: cni.mtu }),
    ...services(spec),
    // a default of the chart that makes other certificates every time it is rendered
    hubble: { enabled: false },
    // agents read their configuration once: new pods when it changes
    rollOutCiliumPods: true,
    operator: { rollOutPods: true, replicas: Math.min(2, nodesOf(spec).length) },
  };
}

/** Without kube-proxy nobody leads the agents to the API but the endpoint itself. */
function services({ kubeProxy, endpoint: { host, port } }: ClusterSpec): { readonly [value: string]: unknown } {
  if (kubeProxy.mode !== "none") return { kubeProxyReplacement: "false" };
  return { kubeProxyReplacement: "true", k8sServiceHost: host, k8sServicePort: String(port) };
}
