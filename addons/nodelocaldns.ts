/**
 * NodeLocal DNSCache on every family, after Kubernetes' cluster/addons/dns/nodelocaldns/nodelocaldns.yaml. The program takes
 * addresses of one family only (kubernetes/dns#655), so each family has a DaemonSet with an interface and ports of its own.
 */
import { createHash } from "node:crypto";
import type { Address } from "../spec/addresses";
import { takenOver } from "../spec/cluster-dns";
import { type Family, ipFamily } from "../spec/families";
import type { ClusterSpec, NodeLocalDns } from "../spec/types";
import type { KubeObject } from "./objects";

const NAMESPACE = "kube-system";
const NAME = "node-local-dns";
const UPSTREAM = "kube-dns-upstream";
const LABELS = { "k8s-app": NAME };

/** Two instances share the node's network: what they bind differs. An interface name has 15 characters at most. */
const OWN: { readonly [F in Family]: { readonly interface: string; readonly metrics: string } } = {
  ipv4: { interface: "nodelocaldns", metrics: "0.0.0.0:9353" },
  ipv6: { interface: "nodelocaldns6", metrics: "[::]:9354" },
};

/** The objects in the order in which they are created: the program learns the upstream's address when it starts. */
export function nodeLocalDns(spec: ClusterSpec): KubeObject[] {
  const { nodeLocalDns: wanted } = spec;
  if (wanted === undefined) return [];
  const config = configMap(spec, wanted);
  const caches = instances(spec, wanted).map((instance) => daemonSet(instance, wanted, config));
  return [serviceAccount, upstream(spec), config, ...caches];
}

interface Instance {
  readonly family: Family;
  /** The same on every node. */
  readonly local: Address;
  /** All that it binds, the local address first. */
  readonly addresses: readonly Address[];
}

function instances(spec: ClusterSpec, { addresses }: NodeLocalDns): Instance[] {
  const service = takenOver(spec);
  return spec.network.families.flatMap((family) => {
    const local = addresses[family];
    if (local === undefined) return [];
    return [{ family, local, addresses: service?.family === family ? [local, service] : [local] }];
  });
}

const serviceAccount: KubeObject = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
};

/** The pods of CoreDNS by another address than kube-dns, which the cache takes for itself. */
function upstream({ network: { families } }: ClusterSpec): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: UPSTREAM, namespace: NAMESPACE, labels: { "k8s-app": "kube-dns" } },
    spec: {
      ipFamilyPolicy: families.length > 1 ? "RequireDualStack" : "SingleStack",
      ipFamilies: families.map(ipFamily),
      selector: { "k8s-app": "kube-dns" },
      ports: [
        { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
        { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
      ],
    },
  };
}

function configMap(spec: ClusterSpec, wanted: NodeLocalDns): KubeObject {
  const files = instances(spec, wanted).map((instance) => [
    `Corefile.${instance.family}`,
    corefile(instance, spec.network.dnsDomain),
  ]);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    data: Object.fromEntries(files),
  };
}

/** CoreDNS' own form; the program puts the two placeholders' addresses in when it starts. */
function corefile({ local, addresses }: Instance, domain: string): string {
  // brackets where a port follows, none after bind (CoreDNS plugin/health, plugin/bind)
  const host = local.family === "ipv6" ? `[${local}]` : `${local}`;
  const zone = (name: string, cache: string, upstreams: string, ...more: string[]) =>
    [
      `${name}:53 {`,
      "    errors",
      `    ${cache}`,
      "    reload",
      "    loop",
      `    bind ${addresses.join(" ")}`,
      `    forward . ${upstreams}`,
      `    prometheus ${host}:9253`,
      ...more,
      "}",
    ].join("\n");
  const cluster = "__PILLAR__CLUSTER__DNS__ {\n        force_tcp\n    }";
  const names = "cache {\n        success 9984 30\n        denial 9984 5\n    }";
  const zones = [
    zone(domain, names, cluster, `    health ${host}:8080`),
    zone("in-addr.arpa", "cache 30", cluster),
    zone("ip6.arpa", "cache 30", cluster),
    zone(".", "cache 30", "__PILLAR__UPSTREAM__SERVERS__"),
  ];
  return `${zones.join("\n")}\n`;
}

function daemonSet({ family, local, addresses }: Instance, { image }: NodeLocalDns, config: KubeObject): KubeObject {
  const name = `${NAME}-${family}`;
  const labels = { ...LABELS, "dualstack/family": family };
  const { interface: link, metrics } = OWN[family];
  const text = JSON.stringify(config.data);
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name, namespace: NAMESPACE, labels },
    spec: {
      updateStrategy: { rollingUpdate: { maxUnavailable: "10%" } },
      selector: { matchLabels: labels },
      template: {
        // the program reads its Corefile when it starts: new pods when it changes
        metadata: {
          labels,
          annotations: { "dualstack/config": createHash("sha256").update(text).digest("hex").slice(0, 16) },
        },
        spec: {
          priorityClassName: "system-node-critical",
          serviceAccountName: NAME,
          hostNetwork: true,
          // the node's own name servers: the cluster's would be itself
          dnsPolicy: "Default",
          tolerations: [
            { key: "CriticalAddonsOnly", operator: "Exists" },
            { effect: "NoExecute", operator: "Exists" },
            { effect: "NoSchedule", operator: "Exists" },
          ],
          containers: [
            {
              name: "node-cache",
              image,
              args: [
                ...["-localip", addresses.join(","), "-conf", "/etc/Corefile", "-upstreamsvc", UPSTREAM],
                ...["-interfacename", link, "-metrics-listen-address", metrics],
              ],
              resources: { requests: { cpu: "25m", memory: "5Mi" } },
              securityContext: { capabilities: { add: ["NET_ADMIN"] } },
              livenessProbe: {
                httpGet: { host: String(local), path: "/health", port: 8080 },
                initialDelaySeconds: 60,
                timeoutSeconds: 5,
              },
              volumeMounts: [
                { name: "xtables-lock", mountPath: "/run/xtables.lock" },
                { name: "config", mountPath: "/etc/coredns" },
              ],
            },
          ],
          volumes: [
            { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
            {
              name: "config",
              configMap: { name: NAME, items: [{ key: `Corefile.${family}`, path: "Corefile.base" }] },
            },
          ],
        },
      },
    },
  };
}
