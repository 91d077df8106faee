/** What kind is told: its own file, in which kubeadm's, kubelet's and kube-proxy's are what hosts would get, as far as they are ours. */
import { createHash } from "node:crypto";
import { inOrder } from "../spec/families";
import { nodesOf } from "../spec/nodes";
import type { ClusterSpec, Kind } from "../spec/types";
import { podSubnet } from "./forms";
import { kubeProxyConfiguration } from "./kube-proxy";
import { serviceSubnet } from "./kubeadm";
import { kubeletConfiguration } from "./kubelet";
import { toYaml } from "./serialize";

/**
 * The file of `kind create cluster` (kind.x-k8s.io/v1alpha4). `ipFamily: dual` says nothing of the order: kind takes it from the
 * first service range (kind pkg/cluster/internal/create/actions/config/config.go), so both pairs are always written.
 */
export function kindConfig(spec: ClusterSpec, kind: Kind): string {
  const { families } = spec.network;
  const { mode } = spec.kubeProxy;
  return toYaml({
    apiVersion: "kind.x-k8s.io/v1alpha4",
    kind: "Cluster",
    name: spec.name,
    networking: {
      ipFamily: families.length > 1 ? "dual" : families[0],
      podSubnet: podSubnet(spec),
      serviceSubnet: serviceSubnet(spec),
      kubeProxyMode: mode,
      // the network add-on is one of ours
      disableDefaultCNI: true,
    },
    nodes: nodesOf(spec).map(({ role }) => ({ role, image: kind.image })),
    // kind merges them into its own documents (RFC 7386), so what it needs stays
    kubeadmConfigPatches: [kubeletConfiguration(spec), ...(mode === "none" ? [] : [kubeProxyConfiguration(spec)])].map(
      (document) => toYaml(document),
    ),
  });
}

/** By which a finished cluster is known as the one that this file makes. */
export function kindDigest(config: string): string {
  return createHash("sha256").update(config).digest("hex");
}

/** `docker network create` with these arguments makes the network of the nodes. The label says for which cluster. */
export function networkArguments(spec: ClusterSpec, kind: Kind): string[] {
  const { families } = spec.network;
  const ipv6 = families.includes("ipv6") ? ["--ipv6"] : [];
  const ranges = inOrder(families, kind.network).flatMap((range) => ["--subnet", String(range)]);
  // what kind itself sets (kind pkg/cluster/internal/providers/docker/network.go)
  const options = ["--opt", "com.docker.network.bridge.enable_ip_masquerade=true"];
  return [
    "network",
    "create",
    "--label",
    `${NETWORK_LABEL}=${spec.name}`,
    ...ipv6,
    ...ranges,
    ...options,
    kind.network.name,
  ];
}

/** On networks that dualstack made, and so may remove; its value is the cluster. */
export const NETWORK_LABEL = "dualstack.kind";
