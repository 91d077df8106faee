/** What kubeadm's files look like differs from release to release; here is all of it, by the data of spec/versions.ts. */
import { inOrder } from "../spec/families";
import type { ClusterSpec, Host } from "../spec/types";
import { needsDualStackGate, release, SINCE } from "../spec/versions";

export function kubeadmApi(spec: ClusterSpec): string {
  return `kubeadm.k8s.io/${release(spec.kubernetes.version).kubeadm}`;
}

/** Flags of a component: a list since v1beta4, a map before (k/k cmd/kubeadm/app/apis/kubeadm/v1beta4/doc.go). */
export function extraArgs(spec: ClusterSpec, args: readonly (readonly [name: string, value: string])[]) {
  if (args.length === 0) return {};
  const isList = release(spec.kubernetes.version).kubeadm === "v1beta4";
  return { extraArgs: isList ? args.map(([name, value]) => ({ name, value })) : Object.fromEntries(args) };
}

/** Before 1.21 every component must be told that it may use two families; since 1.25 none knows the gate any more. */
export function dualStackGate(spec: ClusterSpec) {
  const needed = needsDualStackGate(release(spec.kubernetes.version), spec.network.families);
  return {
    args: needed ? [["feature-gates", "IPv6DualStack=true"] as const] : [],
    fields: needed ? { featureGates: { IPv6DualStack: true } } : {},
  };
}

/**
 * kubelet's addresses of every family, primary first; before 1.20 it takes one. It reads them from its flag only:
 * KubeletConfiguration has no such field (component-helpers/node/util/ips.go).
 */
export function nodeIp(spec: ClusterSpec, host: Host): string {
  const addresses = inOrder(spec.network.families, host.addresses);
  const takesPair = release(spec.kubernetes.version).minor >= SINCE.nodeIpPair;
  return (takesPair ? addresses : addresses.slice(0, 1)).join(",");
}

/** A mask for each family has a flag of its own in a cluster of two; before 1.17 there were none (k/k setNodeCIDRMaskSizes). */
export function nodeMaskArgs(spec: ClusterSpec): (readonly [string, string])[] {
  const { families, pods } = spec.network;
  if (families.length > 1 && release(spec.kubernetes.version).minor < SINCE.nodeMaskPerFamily) return [];
  return families.map((family) => [
    families.length > 1 ? `node-cidr-mask-size-${family}` : "node-cidr-mask-size",
    String(pods[family]?.nodeMask),
  ]);
}

/** The pod ranges in order. No blank after the comma: Calico reads this text and does not trim (calico startup.go). */
export function podSubnet({ network: { families, pods } }: ClusterSpec): string {
  return inOrder(families, pods)
    .map(({ cidr }) => cidr)
    .join(",");
}
