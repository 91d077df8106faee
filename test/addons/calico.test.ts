/** What becomes of Calico's manifests. The stand-ins have what is changed; the real files follow where they are here. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addons } from "../../addons";
import { CALICO, type Pinned } from "../../addons/catalogue";
import type { Workload } from "../../addons/change";
import type { KubeObject } from "../../addons/objects";
import type { Upstream } from "../../addons/upstream";
import { parseSpec } from "../../spec";
import { STAND_INS } from "../plan/stand-ins";
import { isHere, REAL, testWith, why } from "../upstream";

const dual = readFileSync(join(__dirname, "../plan/specs/dual.yaml"), "utf8");

interface Wish {
  cni?: string;
  families?: string;
  pods?: string;
  proxy?: string;
  hosts?: number;
}

function planned({ cni = "", families = "ipv4, ipv6", pods, proxy = "nftables", hosts = 2 }: Wish, upstream: Upstream) {
  const ranges = pods === undefined ? "" : `, pods: ${pods}`;
  const worker = `${dual.slice(dual.indexOf("  - name: worker-1")).trimEnd()}\n`;
  const more = Array.from({ length: hosts - 2 }, (_, i) =>
    worker
      .replace("worker-1", `more-${i}`)
      .replace("10.0.0.12", `10.0.0.${i + 20}`)
      .replace("fd00:10::12", `fd00:10::1:${i + 20}`),
  ).join("");
  const text = dual
    .replace(/^cni:.*\n/m, "")
    .replace(/^kubeProxy:.*\n/m, "")
    .replace(/^network:\n( .*\n)*/m, "")
    .replace(
      /^hosts:/m,
      `cni: {kind: calico${cni}}\nkubeProxy: {mode: ${proxy}}\nnetwork: {families: [${families}]${ranges}}\nhosts:`,
    );
  return addons(parseSpec(`${text.trimEnd()}\n${more}`, { file: "dual.yaml" }).spec, upstream);
}

type Objects = ReturnType<typeof planned>;
const find = (objects: Objects, kind: string, name: string) =>
  objects.find(({ object }) => object.kind === kind && object.metadata.name === name)?.object as KubeObject & {
    data?: any;
  };

function node(objects: Objects) {
  const daemon = find(objects, "DaemonSet", "calico-node") as unknown as Workload;
  const container = daemon.spec.template.spec.containers.find(({ name }) => name === "calico-node")!;
  const env = Object.fromEntries((container.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
  return { container, env, annotations: daemon.spec.template.metadata.annotations };
}

const config = (objects: Objects) => find(objects, "ConfigMap", "calico-config").data;
const ipam = (objects: Objects) => JSON.parse(config(objects).cni_network_config).plugins[0];

const { kubernetes, typha, etcd, operator } = CALICO["3.32.1"];
const sources = (...files: Pinned[]): [string, Upstream | undefined][] => [
  ["the stand-ins", STAND_INS],
  files.every(isHere) ? ["the real manifest", REAL] : [`the real manifest${why(...files)}`, undefined],
];
/** `run` for the stand-ins, and for the real files or a skip that says why. */
function on(files: Pinned[], title: string, run: (upstream: Upstream) => void): void {
  for (const [source, upstream] of sources(...files)) {
    if (upstream === undefined) test.skip(`${title} (${source})`, () => {});
    else test(`${title} (${source})`, () => run(upstream));
  }
}

on([kubernetes], "both families have their pool, their pinned address and their NAT", (upstream) => {
  const objects = planned({}, upstream);
  expect(node(objects).env).toMatchObject({
    IP: "autodetect",
    IP6: "autodetect",
    IP_AUTODETECTION_METHOD: "kubernetes-internal-ip",
    IP6_AUTODETECTION_METHOD: "kubernetes-internal-ip",
    CALICO_IPV4POOL_CIDR: "10.244.0.0/16",
    CALICO_IPV6POOL_CIDR: "fd00:10:244::/56",
    CALICO_IPV4POOL_BLOCK_SIZE: "26",
    CALICO_IPV6POOL_BLOCK_SIZE: "122",
    CALICO_IPV4POOL_NAT_OUTGOING: "true",
    CALICO_IPV6POOL_NAT_OUTGOING: "true",
    CALICO_IPV4POOL_IPIP: "Never",
    CALICO_IPV4POOL_VXLAN: "Always",
    CALICO_IPV6POOL_VXLAN: "Always",
    FELIX_IPV6SUPPORT: "true",
    FELIX_NFTABLESMODE: "Enabled",
  });
  expect(ipam(objects)).toMatchObject({
    mtu: 0,
    ipam: { type: "calico-ipam", assign_ipv4: "true", assign_ipv6: "true" },
  });
  expect(config(objects)).toMatchObject({ calico_backend: "vxlan", veth_mtu: "0" });
  expect(node(objects).container).toMatchObject({
    livenessProbe: { exec: { command: ["/bin/calico-node", "-felix-live"] }, periodSeconds: 10 },
    readinessProbe: { exec: { command: ["/bin/calico-node", "-felix-ready"] } },
  });
});

on([kubernetes], "public IPv6 addresses keep what they are, private ones do not", (upstream) => {
  const env = node(planned({ pods: '{ipv4: 10.244.0.0/16, ipv6: "2a00:1450:1::/56"}' }, upstream)).env;
  expect(env).toMatchObject({ CALICO_IPV4POOL_NAT_OUTGOING: "true", CALICO_IPV6POOL_NAT_OUTGOING: "false" });
  const written = node(planned({ cni: ", masquerade: [ipv6]" }, upstream)).env;
  expect(written).toMatchObject({ CALICO_IPV4POOL_NAT_OUTGOING: "false", CALICO_IPV6POOL_NAT_OUTGOING: "true" });
});

on([kubernetes], "a cluster without IPv4 says so, and has an identifier for BGP all the same", (upstream) => {
  const objects = planned({ families: "ipv6", cni: ", backend: bgp" }, upstream);
  const { env } = node(objects);
  expect(env).toMatchObject({ IP: "none", CALICO_ROUTER_ID: "hash", CALICO_IPV4POOL_CIDR: "none", IP6: "autodetect" });
  expect(env).not.toHaveProperty("IP_AUTODETECTION_METHOD");
  expect(ipam(objects).ipam).toMatchObject({ assign_ipv4: "false", assign_ipv6: "true" });
});

on([kubernetes], "a cluster without IPv6 looks for none", (upstream) => {
  const { env } = node(planned({ families: "ipv4" }, upstream));
  expect(env).toMatchObject({ IP: "autodetect", FELIX_IPV6SUPPORT: "false", CALICO_IPV6POOL_CIDR: "none" });
  expect(env).not.toHaveProperty("IP6");
});

on([kubernetes], "BGP has its daemon and its probes", (upstream) => {
  const objects = planned({ cni: ", backend: bgp" }, upstream);
  expect(config(objects).calico_backend).toBe("bird");
  expect(node(objects).env).toMatchObject({ CALICO_IPV4POOL_VXLAN: "Never", CALICO_IPV6POOL_VXLAN: "Never" });
  expect(node(objects).container).toMatchObject({
    livenessProbe: { exec: { command: ["/bin/calico-node", "-felix-live", "-bird-live"] } },
  });
});

on([kubernetes], "what the tunnel leaves of a packet is the pods'; pods are new when it changes", (upstream) => {
  const [small, large] = [1450, 9000].map((mtu) => planned({ cni: `, mtu: ${mtu}` }, upstream)) as [Objects, Objects];
  expect([config(small).veth_mtu, config(large).veth_mtu]).toEqual(["1380", "8930"]);
  expect(ipam(small).mtu).toBe(1380);
  expect(node(small).annotations).not.toEqual(node(large).annotations);
});

on([kubernetes], "Felix writes rules with the tool of kube-proxy", (upstream) => {
  expect(node(planned({ proxy: "iptables" }, upstream)).env.FELIX_NFTABLESMODE).toBe("Disabled");
});

on([typha, kubernetes], "more than 50 hosts have Typha between them and the API", (upstream) => {
  const replicas = (hosts: number) =>
    (find(planned({ hosts }, upstream), "Deployment", "calico-typha") as { spec?: { replicas?: number } } | undefined)
      ?.spec?.replicas;
  expect([replicas(50), replicas(51)]).toEqual([undefined, 3]);
});

on([etcd], "an etcd has brackets around IPv6, and its key is in no plan", (upstream) => {
  const files = "ca: tls/ca.crt, cert: tls/client.crt, key: tls/client.key";
  const objects = planned({ cni: `, etcd: {endpoints: ["https://[fd00:1::21]:2379"], ${files}}` }, upstream);
  expect(config(objects)).toMatchObject({
    etcd_endpoints: "https://[fd00:1::21]:2379",
    etcd_ca: "/calico-secrets/etcd-ca",
    etcd_cert: "/calico-secrets/etcd-cert",
    etcd_key: "/calico-secrets/etcd-key",
  });
  const secret = objects.find(({ object }) => object.kind === "Secret");
  expect(secret?.files).toEqual({
    "etcd-ca": "tls/ca.crt",
    "etcd-cert": "tls/client.crt",
    "etcd-key": "tls/client.key",
  });
  expect(secret?.object).not.toHaveProperty("data");
});

on([operator], "the operator gets a pool for each family, in the cluster's order", (upstream) => {
  const objects = planned({ families: "ipv6, ipv4", cni: ", install: operator, mtu: 1450" }, upstream);
  expect(find(objects, "Deployment", "tigera-operator")).toBeDefined();
  const pool = { encapsulation: "VXLAN", natOutgoing: "Enabled", nodeSelector: "all()" };
  expect(find(objects, "Installation", "default").spec).toEqual({
    cni: { type: "Calico", ipam: { type: "Calico" } },
    calicoNetwork: {
      bgp: "Disabled",
      linuxDataplane: "Nftables",
      mtu: 1380,
      ipPools: [
        { name: "default-ipv6-ippool", cidr: "fd00:10:244::/56", blockSize: 122, ...pool },
        { name: "default-ipv4-ippool", cidr: "10.244.0.0/16", blockSize: 26, ...pool },
      ],
      nodeAddressAutodetectionV4: { kubernetes: "NodeInternalIP" },
      nodeAddressAutodetectionV6: { kubernetes: "NodeInternalIP" },
    },
  });
});

test("a manifest that lost what is changed is an error that names it", () => {
  const empty: Upstream = { ...STAND_INS, file: () => "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n" };
  expect(() => planned({}, empty)).toThrow("the manifest holds no ConfigMap calico-config");
});

/** Calico's own manifest for VXLAN in both families: what is made of its BGP manifest must come to the same. */
const vxlan: Pinned = {
  path: "calico-v3.32.1/calico-vxlan.yaml",
  url: "",
  sha256: "c2ab4f9a4ecde01d66e6f040d6745cd7f174d5ded573164c809ffb9f40a9d566",
  images: [],
};
testWith(vxlan, kubernetes)(
  `what becomes of calico.yaml is what becomes of calico-vxlan.yaml${why(vxlan, kubernetes)}`,
  () => {
    const swapped: Upstream = { ...REAL, file: () => REAL.file(vxlan), chart: REAL.chart };
    const sorted = (objects: Objects) =>
      JSON.parse(JSON.stringify(objects), (key, value) =>
        key === "env" ? [...value].sort((a, b) => (a.name < b.name ? -1 : 1)) : value,
      );
    expect(sorted(planned({}, REAL))).toEqual(sorted(planned({}, swapped)));
  },
);
