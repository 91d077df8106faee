/** What every kubelet of the cluster is told (KubeletConfiguration), and the name servers that it gives to pods. */
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

function kubeletConfiguration(spec: ClusterSpec) {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    clusterDomain: spec.network.dnsDomain,
    ...(spec.network.dns.length > 0 ? { resolvConf: RESOLV_CONF } : {}),
    ...platformSettings(spec.platform).kubelet,
    ...dualStackGate(spec).fields,
  };
}
