/** What both ways of installing Calico say of its pools. Pure. */
import { overhead } from "../../spec/cni";
import type { Family } from "../../spec/families";
import { nodesOf } from "../../spec/nodes";
import type { Calico, ClusterSpec } from "../../spec/types";

/** Pools get the names that Calico itself gives to its first ones. */
export const POOL_NAMES: { readonly [F in Family]: string } = {
  ipv4: "default-ipv4-ippool",
  ipv6: "default-ipv6-ippool",
};

/** Tunnels that both families can have: IPIP carries IPv4 alone. */
export const ENCAPSULATION: {
  readonly [B in Calico["backend"]]: { readonly manifest: string; readonly operator: string };
} = {
  vxlan: { manifest: "Always", operator: "VXLAN" },
  "vxlan-cross-subnet": { manifest: "CrossSubnet", operator: "VXLANCrossSubnet" },
  bgp: { manifest: "Never", operator: "None" },
};

/** The packet size of pods, in bytes: what a tunnel leaves of the network's; undefined: Calico looks for itself. */
export function podPackets({ network }: ClusterSpec, { mtu, backend }: Calico): number | undefined {
  return mtu === undefined ? undefined : mtu - overhead(backend, network.families);
}

/** Felix writes its rules with the tool of kube-proxy's mode: the two do not mix on one host (Calico's documentation of nftables). */
export function nftables({ kubeProxy }: ClusterSpec): boolean {
  return kubeProxy.mode === "nftables";
}

/** Hosts beyond which Typha stands between the nodes and the API (the manifest's own words: recommended above 50 nodes). */
const WITHOUT_TYPHA = 50;

export function wantsTypha(spec: ClusterSpec, { etcd }: Calico): boolean {
  return etcd === undefined && nodesOf(spec).length > WITHOUT_TYPHA;
}

/** One for 100 to 200 nodes, three at least (the manifest's own words; the operator takes n / 200 + 2). */
export function typhaReplicas(spec: ClusterSpec): number {
  return Math.max(3, Math.ceil(nodesOf(spec).length / 200) + 2);
}
