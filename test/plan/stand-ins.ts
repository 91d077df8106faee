/**
 * Stand-ins for upstream files, for tests without a mirror: of each manifest the objects that dualstack changes, written here, with as
 * many fields as its changes look at. For the real files see test/upstream.ts.
 */
import { CALICO, CILIUM } from "../../addons/catalogue";
import type { Upstream } from "../../addons/upstream";
import { toYaml } from "../../hosts/serialize";
import { WAY_IN_MANIFESTS } from "./stand-ins-way-in";

const object = (apiVersion: string, kind: string, name: string, rest: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "kube-system" },
  ...rest,
});
const workload = (kind: string, name: string, container: object) =>
  object("apps/v1", kind, name, {
    spec: { template: { metadata: { labels: { "k8s-app": name } }, spec: { containers: [{ name, ...container }] } } },
  });

const CNI_CONFIGURATION = `{"name": "k8s-pod-network", "plugins": [
  {"type": "calico", "mtu": __CNI_MTU__, "nodename": "__KUBERNETES_NODE_NAME__", "ipam": {"type": "calico-ipam"}}, {"type": "portmap"}]}`;

const probe = (...flags: string[]) => ({ exec: { command: ["/bin/calico-node", ...flags] }, periodSeconds: 10 });
const calicoNode = workload("DaemonSet", "calico-node", {
  image: "quay.io/calico/node:v0.0.0",
  env: [
    { name: "DATASTORE_TYPE", value: "kubernetes" },
    { name: "IP", value: "autodetect" },
    { name: "CALICO_IPV4POOL_IPIP", value: "Always" },
    { name: "FELIX_IPV6SUPPORT", value: "false" },
  ],
  livenessProbe: probe("-felix-live", "-bird-live"),
  readinessProbe: probe("-felix-ready", "-bird-ready"),
});
const calico = [
  object("v1", "ConfigMap", "calico-config", {
    data: { calico_backend: "bird", veth_mtu: "0", cni_network_config: CNI_CONFIGURATION },
  }),
  calicoNode,
];
const { kubernetes, typha, etcd, operator } = CALICO["3.32.1"];
const MANIFESTS: { readonly [path: string]: readonly object[] } = {
  ...WAY_IN_MANIFESTS,
  [kubernetes.path]: calico,
  [typha.path]: [...calico, workload("Deployment", "calico-typha", {})],
  [etcd.path]: [...calico, object("v1", "Secret", "calico-etcd-secrets", { data: null })],
  [operator.path]: [workload("Deployment", "tigera-operator", {})],
};

/** A chart is as it would be asked for: its values become a ConfigMap. */
export const STAND_INS: Upstream = {
  file: ({ path }) => toYaml(...(MANIFESTS[path] ?? [])),
  chart: ({ path }, { values, release, namespace }) =>
    toYaml({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `${release}-config`, namespace },
      data: { chart: path, values: JSON.stringify(values) },
    }),
};

export const CILIUM_CHART = CILIUM["1.20.0"];
