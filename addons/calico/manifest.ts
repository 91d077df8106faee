/** Calico by its manifest, in its three forms: Kubernetes datastore, with Typha, and etcd datastore. Pure. */
import type { Calico, CalicoEtcd, ClusterSpec } from "../../spec/types";
import { CALICO } from "../catalogue";
import { type ConfigMap, changeContainer, changeObject, type Workload, withAnnotation, withEnv } from "../change";
import { created, digestOf, type KubeObject, type PlannedObject } from "../objects";
import { objectsOf, type Upstream } from "../upstream";
import { nodeEnvironment } from "./node";
import { podPackets, typhaReplicas, wantsTypha } from "./pools";

/** The objects of Calico's manifest, for this cluster. Throws Error when the manifest has not what is changed here. */
export function calicoManifest(spec: ClusterSpec, cni: Calico, upstream: Upstream): PlannedObject[] {
  const release = CALICO[cni.version as keyof typeof CALICO];
  const typha = wantsTypha(spec, cni);
  const form = cni.etcd !== undefined ? release.etcd : typha ? release.typha : release.kubernetes;
  const changes: ((objects: readonly KubeObject[]) => KubeObject[])[] = [
    (all) => changeObject<ConfigMap>(all, "ConfigMap", "calico-config", (config) => settings(spec, cni, config)),
    (all) => changeObject<Workload>(all, "DaemonSet", "calico-node", (node) => agent(spec, cni, node)),
    (all) =>
      typha ? changeObject<Workload>(all, "Deployment", "calico-typha", (one) => replicas(spec, one)) : [...all],
  ];
  const changed = changes.reduce<readonly KubeObject[]>((all, change) => change(all), objectsOf(upstream, form));
  const config = changed.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "calico-config");
  // nodes read it once: new pods when it changes
  const digested = changeObject<Workload>(changed, "DaemonSet", "calico-node", (node) =>
    withAnnotation(node, "dualstack/config", digestOf(config?.data)),
  );
  return created(digested).map((planned) => withCredentials(planned, cni.etcd));
}

/** The files of an etcd with TLS go into the Secret by which the manifest mounts them: read when it is made, never in the plan. */
function withCredentials(planned: PlannedObject, etcd: CalicoEtcd | undefined): PlannedObject {
  const { kind, metadata } = planned.object;
  if (etcd?.tls === undefined || kind !== "Secret" || metadata.name !== "calico-etcd-secrets") return planned;
  const { ca, cert, key } = etcd.tls;
  // the manifest's is empty
  const { data: _, ...object } = planned.object;
  return { ...planned, object: object as KubeObject, files: { "etcd-ca": ca, "etcd-cert": cert, "etcd-key": key } };
}

function settings(spec: ClusterSpec, cni: Calico, config: ConfigMap): ConfigMap {
  const packets = podPackets(spec, cni);
  const network = cniConfiguration(spec, packets, config.data.cni_network_config);
  const data = {
    ...config.data,
    calico_backend: cni.backend === "bgp" ? "bird" : "vxlan",
    // 0: Calico looks at the hosts' interfaces
    veth_mtu: String(packets ?? 0),
    cni_network_config: `${JSON.stringify(network, null, 2)}\n`,
    ...(cni.etcd === undefined ? {} : etcdSettings(cni.etcd)),
  };
  return { ...config, data };
}

function etcdSettings({ endpoints, tls }: CalicoEtcd): { readonly [key: string]: string } {
  const files = { etcd_ca: "etcd-ca", etcd_cert: "etcd-cert", etcd_key: "etcd-key" };
  const paths = Object.entries(files).map(([key, name]) => [key, `/calico-secrets/${name}`]);
  return { etcd_endpoints: endpoints.join(","), ...(tls === undefined ? {} : Object.fromEntries(paths)) };
}

interface CniConfiguration {
  readonly plugins: readonly { readonly type: string; readonly [field: string]: unknown }[];
  readonly [field: string]: unknown;
}

/** calico-ipam gives IPv4 alone unless it is told (cni-plugin ipam_plugin.go); its settings are texts. */
function cniConfiguration({ network }: ClusterSpec, mtu = 0, text = ""): CniConfiguration {
  // the one placeholder of the manifest that stands for a number is no JSON
  const written = JSON.parse(text.replace(/:\s*(__[A-Z_]+__)/g, ': "$1"')) as CniConfiguration;
  const gives = (family: "ipv4" | "ipv6") => String(network.families.includes(family));
  const ipam = { type: "calico-ipam", assign_ipv4: gives("ipv4"), assign_ipv6: gives("ipv6") };
  const plugins = written.plugins.map((one) => (one.type === "calico" ? { ...one, mtu, ipam } : one));
  return { ...written, plugins };
}

function agent(spec: ClusterSpec, cni: Calico, node: Workload): Workload {
  const bird = cni.backend === "bgp";
  const probe = (value: unknown, flags: readonly string[]) => ({
    ...(value as object),
    exec: { command: ["/bin/calico-node", ...flags] },
  });
  return changeContainer(node, "calico-node", (container) => ({
    ...withEnv(container, nodeEnvironment(spec, cni)),
    // without BGP there is no bird whose health could be asked
    livenessProbe: probe(container.livenessProbe, bird ? ["-felix-live", "-bird-live"] : ["-felix-live"]),
    readinessProbe: probe(container.readinessProbe, bird ? ["-felix-ready", "-bird-ready"] : ["-felix-ready"]),
  }));
}

function replicas(spec: ClusterSpec, typha: Workload): Workload {
  return { ...typha, spec: { ...typha.spec, replicas: typhaReplicas(spec) } };
}
