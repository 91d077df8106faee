/** flannel on every family of the cluster, after its Documentation/kube-flannel.yml of the same version. */
import { type Family, inOrder } from "../spec/families";
import { nodeInterfaces } from "../spec/nodes";
import type { ClusterSpec, Flannel } from "../spec/types";
import { FLANNEL } from "./catalogue";
import { digestOf, type KubeObject } from "./objects";

const NAMESPACE = "kube-flannel";
const LABELS = { app: "flannel", "k8s-app": "flannel", tier: "node" };

interface Release {
  /** How the image copies its CNI configuration. */
  readonly installConf: { readonly command: readonly string[]; readonly args: readonly string[] };
  readonly hasHealthPort: boolean;
}

const CONF = ["/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"] as const;

/** What changed between the manifests of the releases. */
const RELEASES: { readonly [version: string]: Release } = {
  "0.26.7": {
    installConf: { command: ["cp"], args: ["-f", ...CONF] },
    hasHealthPort: false,
  },
  "0.28.9": {
    installConf: { command: ["/opt/bin/install-conf"], args: CONF },
    hasHealthPort: true,
  },
};

/**
 * The objects of flannel in the order in which they are created.
 * @throws Error for a release that dualstack does not know.
 */
export function flannel(spec: ClusterSpec, cni: Flannel): KubeObject[] {
  const release = RELEASES[cni.version];
  if (release === undefined) {
    throw new Error(`cni.version: flannel ${cni.version} is not known; known are ${Object.keys(RELEASES).join(", ")}`);
  }
  const config = configMap(spec, cni);
  return [namespace, serviceAccount, clusterRole, clusterRoleBinding, config, daemonSet(spec, cni, release, config)];
}

const namespace: KubeObject = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: NAMESPACE, labels: { "k8s-app": "flannel", "pod-security.kubernetes.io/enforce": "privileged" } },
};

const serviceAccount: KubeObject = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "flannel", namespace: NAMESPACE },
};

const clusterRole: KubeObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "flannel" },
  rules: [
    { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
    { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
  ],
};

const clusterRoleBinding: KubeObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name: "flannel" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "flannel" },
  subjects: [{ kind: "ServiceAccount", name: "flannel", namespace: NAMESPACE }],
};

/** The fields of net-conf.json that name each family's range. */
const NETWORK_FIELDS: { readonly [F in Family]: { readonly enable: string; readonly network: string } } = {
  ipv4: { enable: "EnableIPv4", network: "Network" },
  ipv6: { enable: "EnableIPv6", network: "IPv6Network" },
};

/** flannel writes its own rules with the tool of kube-proxy's mode, so one host has one kind of rules. */
function configMap(spec: ClusterSpec, cni: Flannel): KubeObject {
  const { pods } = spec.network;
  const families = Object.keys(NETWORK_FIELDS) as Family[];
  const networks = families.flatMap((family) => {
    const { enable, network } = NETWORK_FIELDS[family];
    const range = pods[family];
    return range === undefined
      ? [[enable, false]]
      : [
          [enable, true],
          [network, range.cidr.toString()],
        ];
  });
  const net = {
    ...Object.fromEntries(networks),
    ...(pods.ipv6 === undefined ? {} : { IPv6SubnetLen: pods.ipv6.nodeMask }),
    ...(pods.ipv4 === undefined ? {} : { SubnetLen: pods.ipv4.nodeMask }),
    EnableNFTables: spec.kubeProxy.mode === "nftables",
    // the size of packets outside of a tunnel; flannel takes off what the tunnel needs
    Backend: { Type: cni.backend, ...(cni.mtu === undefined ? {} : { MTU: cni.mtu }) },
  };
  // flannel's CNI plugin has each bridge masquerade when flannel itself does not, unless it is told
  const bare = cni.masquerade.length === 0 ? { ipMasq: false } : {};
  const conf = {
    name: "cbr0",
    cniVersion: "0.3.1",
    plugins: [
      { type: "flannel", delegate: { hairpinMode: true, isDefaultGateway: true, ...bare } },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  };
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kube-flannel-cfg", namespace: NAMESPACE, labels: LABELS },
    data: { "cni-conf.json": json(conf), "net-conf.json": json(net) },
  };
}

/** Without masquerading packets of pods keep their addresses in both families. */
function flags(spec: ClusterSpec, cni: Flannel, release: Release): string[] {
  return [
    ...(cni.masquerade.length > 0 ? ["--ip-masq"] : []),
    "--kube-subnet-mgr",
    ...interfaces(spec),
    ...(release.hasHealthPort ? ["--healthz-port=8081"] : []),
  ];
}

/**
 * The node's own interface, by name: by itself flannel asks for a default route of both families on one interface, and takes that one.
 * There it takes the first address of each family (pkg/ipmatch/match.go), and of IPv6 the kernel lists the newest first: on a control
 * plane a virtual address of the API, whose tunnel would end where that address goes. So their own addresses are named first.
 */
function interfaces(spec: ClusterSpec): string[] {
  const { network, hosts, endpoint } = spec;
  const names = [...nodeInterfaces(spec, network.families[0]!)].sort();
  if (endpoint.virtual === undefined) return names.map((name) => `--iface=${name}`);
  const planes = hosts.filter(({ role }) => role === "control-plane");
  const own = planes.flatMap(({ addresses }) => inOrder(network.families, addresses).map(String));
  return [own, names].map((list) => `--iface-regex=^(${list.map((text) => text.replaceAll(".", "\\.")).join("|")})$`);
}

function daemonSet(spec: ClusterSpec, cni: Flannel, release: Release, config: KubeObject): KubeObject {
  const [image, cniPlugin] = FLANNEL[cni.version]!;
  const field = (fieldPath: string) => ({ fieldRef: { fieldPath } });
  const probe = (path: string) => ({ httpGet: { path, port: "healthz" }, periodSeconds: 10 });
  const health = {
    ports: [{ name: "healthz", containerPort: 8081, protocol: "TCP" }],
    livenessProbe: { ...probe("/healthz"), initialDelaySeconds: 10, periodSeconds: 30 },
    readinessProbe: { ...probe("/readyz"), initialDelaySeconds: 5 },
  };
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "kube-flannel-ds", namespace: NAMESPACE, labels: LABELS },
    spec: {
      selector: { matchLabels: { app: "flannel" } },
      template: {
        // flannel reads its configuration once: new pods when it changes
        metadata: { labels: LABELS, annotations: { "dualstack/config": digestOf(config.data) } },
        spec: {
          hostNetwork: true,
          priorityClassName: "system-node-critical",
          nodeSelector: { "kubernetes.io/os": "linux" },
          tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
          serviceAccountName: "flannel",
          initContainers: [
            {
              name: "install-cni-plugin",
              image: cniPlugin,
              command: ["cp"],
              args: ["-f", "/flannel", "/opt/cni/bin/flannel"],
              volumeMounts: [{ name: "cni-plugin", mountPath: "/opt/cni/bin" }],
            },
            {
              name: "install-cni",
              image,
              ...release.installConf,
              volumeMounts: [
                { name: "cni", mountPath: "/etc/cni/net.d" },
                { name: "flannel-cfg", mountPath: "/etc/kube-flannel/" },
              ],
            },
          ],
          containers: [
            {
              name: "kube-flannel",
              image,
              command: ["/opt/bin/flanneld"],
              args: flags(spec, cni, release),
              resources: { requests: { cpu: "100m", memory: "50Mi" } },
              securityContext: { privileged: false, capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
              env: [
                { name: "POD_NAME", valueFrom: field("metadata.name") },
                { name: "POD_NAMESPACE", valueFrom: field("metadata.namespace") },
                { name: "EVENT_QUEUE_DEPTH", value: "5000" },
              ],
              volumeMounts: [
                { name: "run", mountPath: "/run/flannel" },
                { name: "flannel-cfg", mountPath: "/etc/kube-flannel/" },
                { name: "xtables-lock", mountPath: "/run/xtables.lock" },
              ],
              ...(release.hasHealthPort ? health : {}),
            },
          ],
          volumes: [
            { name: "run", hostPath: { path: "/run/flannel" } },
            { name: "cni-plugin", hostPath: { path: "/opt/cni/bin" } },
            { name: "cni", hostPath: { path: "/etc/cni/net.d" } },
            { name: "flannel-cfg", configMap: { name: "kube-flannel-cfg" } },
            { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
          ],
        },
      },
    },
  };
}
