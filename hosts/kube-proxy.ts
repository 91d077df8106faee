/** KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1): every setting that differs between modes or families is written. */
import { hostPort } from "../spec/addresses";
import type { Family } from "../spec/families";
import { nodeRanges } from "../spec/nodes";
import type { ClusterSpec } from "../spec/types";
import { release, SINCE } from "../spec/versions";
import type { PlannedFile } from "./document";
import { dualStackGate, podSubnet } from "./forms";
import { platformSettings } from "./platform";
import { toYaml } from "./serialize";

/** The file that kubeadm makes the ConfigMap kube-system/kube-proxy of; none when something else carries the services. */
export function kubeProxyFiles(spec: ClusterSpec): PlannedFile[] {
  if (spec.kubeProxy.mode === "none") return [];
  const text = toYaml(kubeProxyConfiguration(spec));
  return [{ path: "/etc/dualstack/kube-proxy.yaml", mode: "0600", handler: "kube-proxy", text }];
}

/** KubeProxyConfiguration. The mode is always written: its default changes with 1.40 (KEP-5343). */
export function kubeProxyConfiguration(spec: ClusterSpec) {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: spec.kubeProxy.mode,
    ...addresses(spec),
    ...(release(spec.kubernetes.version).minor >= SINCE.detectLocalMode ? { detectLocalMode: "ClusterCIDR" } : {}),
    // a family without its range is not masqueraded when it comes from outside the cluster (k/k getLocalDetectors)
    clusterCIDR: podSubnet(spec),
    nodePortAddresses: nodePortAddresses(spec),
    // kube-ipvs0 holds every service address: without it each host answers ARP for all of them, and MetalLB's and kube-vip's
    // addresses have many owners (metallb installation guide)
    ...(spec.kubeProxy.mode === "ipvs" ? { ipvs: { strictARP: true } } : {}),
    ...platformSettings(spec.platform).kubeProxy,
    ...dualStackGate(spec).fields,
  };
}

const ANY: Readonly<Record<Family, string>> = { ipv4: "0.0.0.0", ipv6: "::" };
const LOOPBACK: Readonly<Record<Family, string>> = { ipv4: "127.0.0.1", ipv6: "::1" };

/**
 * bindAddress binds nothing: it tells kube-proxy which family is the primary one (k/k detectNodeIPs). Load balancers ask for
 * its health at any address of a node; its metrics, and the mode that our script asks for, are for the host itself.
 */
function addresses({ network: { families } }: ClusterSpec) {
  const [primary = "ipv4"] = families;
  // a socket of :: takes both families
  const widest = families.includes("ipv6") ? "ipv6" : primary;
  return {
    bindAddress: ANY[primary],
    healthzBindAddress: hostPort(ANY[widest], 10256),
    metricsBindAddress: hostPort(LOOPBACK[primary], 10249),
  };
}

/**
 * Ranges of every family: with one family only, kube-proxy would listen on all addresses of the other, and with none the
 * modes differ: nftables listens on the node's own addresses, iptables and ipvs on all (k/k pkg/proxy/util/nodeport_addresses.go).
 */
export function nodePortAddresses(spec: ClusterSpec): string[] {
  const { nodePorts } = spec.kubeProxy;
  if (nodePorts === "primary") return ["primary"];
  if (nodePorts !== "nodes") return nodePorts.map(String);
  return nodeRanges(spec).map(String);
}
