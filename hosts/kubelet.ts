/** What every kubelet of the cluster is told (KubeletConfiguration), and the name servers that it gives to pods. */
import { takenOver } from "../spec/cluster-dns";
import { inOrder } from "../spec/families";
import type { ClusterSpec } from "../spec/types";
import type { PlannedFile } from "./document";
import { dualStackGate } from "./forms";
import { platformSettings } from "./platform";
import { toYaml } from "./serialize";

/** Where the kubelet finds DNS servers, when the spec names them. */
const RESOLV_CONF = "/etc/dualstack/resolv.conf";

/** kubelet's files on every host: a joined one takes a changed configuration by `kubeadm upgrade node phase kubelet-config`. */
export function kubeletFiles(spec: ClusterSpec): PlannedFile[] {
  const text = toYaml(kubeletConfiguration(spec));
  const servers = spec.network.dns.map((server) => `nameserver ${server}\n`).join("");
  return [
    { path: "/etc/dualstack/kubelet.yaml", mode: "0600", handler: "kubelet", text },
    ...(servers === "" ? [] : [{ path: RESOLV_CONF, mode: "0644", handler: "none", text: servers } as const]),
  ];
}

/** KubeletConfiguration (kubelet.config.k8s.io/v1beta1), the same on every node. */
export function kubeletConfiguration(spec: ClusterSpec) {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    ...clusterDns(spec),
    clusterDomain: spec.network.dnsDomain,
    ...(spec.network.dns.length > 0 ? { resolvConf: RESOLV_CONF } : {}),
    ...platformSettings(spec.platform).kubelet,
    ...dualStackGate(spec).fields,
  };
}

/**
 * The name servers of pods, where they are not kubeadm's one. In the modes nftables and iptables the cache of the first family
 * takes the packets for the DNS Service over; in ipvs that address is on kube-ipvs0 already, so pods have to know the cache's
 * own (kubernetes.io: NodeLocal DNSCache). The cache of the second family is known by its own address in every mode.
 */
function clusterDns(spec: ClusterSpec): { clusterDNS?: string[] } {
  const { nodeLocalDns, kubeProxy, network } = spec;
  if (nodeLocalDns === undefined) return {};
  const [first, ...others] = inOrder(network.families, nodeLocalDns.addresses);
  const servers = [takenOver(spec) ?? first, ...others].map(String);
  return kubeProxy.mode !== "ipvs" && others.length === 0 ? {} : { clusterDNS: servers };
}
