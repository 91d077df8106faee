/** ip-masq-agent on every family: packets to anywhere but the listed ranges leave a node with the node's address. */
import { createHash } from "node:crypto";
import { inOrder } from "../spec/families";
import type { ClusterSpec } from "../spec/types";
import type { KubeObject } from "./objects";

const NAMESPACE = "kube-system";
const NAME = "ip-masq-agent";
const LABELS = { "k8s-app": NAME };

/** The objects in the order in which they are created; none while the network add-on masquerades. */
export function ipMasq(spec: ClusterSpec): KubeObject[] {
  const { ipMasq: wanted, network } = spec;
  if (wanted === undefined) return [];
  const pods = inOrder(network.families, network.pods).map(({ cidr }) => cidr);
  const ranges = [...pods, ...inOrder(network.families, network.services), ...wanted.keep].map(String);
  // neighbours on the link have no route to pods
  const masquerades = { masqLinkLocal: true, masqLinkLocalIPv6: true };
  // JSON is YAML too
  const text = `${JSON.stringify({ nonMasqueradeCIDRs: [...new Set(ranges)], ...masquerades, resyncInterval: "60s" }, null, 2)}\n`;
  const config: KubeObject = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    data: { config: text },
  };
  return [config, daemonSet(wanted.image, network.families.includes("ipv6"), text)];
}

/** Without its flag the agent writes rules of IPv4 alone, and knows no IPv6 range (its cmd/ip-masq-agent). */
function daemonSet(image: string, hasIpv6: boolean, config: string): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      template: {
        metadata: {
          labels: LABELS,
          annotations: { "dualstack/config": createHash("sha256").update(config).digest("hex").slice(0, 16) },
        },
        spec: {
          hostNetwork: true,
          priorityClassName: "system-node-critical",
          nodeSelector: { "kubernetes.io/os": "linux" },
          tolerations: [{ operator: "Exists" }],
          containers: [
            {
              name: NAME,
              image,
              args: ["--masq-chain=IP-MASQ", "--nomasq-all-reserved-ranges=false", `--enable-ipv6=${hasIpv6}`],
              resources: { requests: { cpu: "10m", memory: "16Mi" } },
              securityContext: { privileged: false, capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
              volumeMounts: [{ name: "config", mountPath: "/etc/config" }],
            },
          ],
          volumes: [{ name: "config", configMap: { name: NAME, items: [{ key: "config", path: "ip-masq-agent" }] } }],
        },
      },
    },
  };
}
