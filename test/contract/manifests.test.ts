/** What becomes of upstream files, before a real API server. Needs a cluster (the lab names one) and the files (fixture/upstream.ts says where from). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addons } from "../../addons";
import { CALICO, CILIUM, GATEWAY_API, INGRESS_NGINX, METALLB, type Pinned } from "../../addons/catalogue";
import { ENVOY_GATEWAY, KONG } from "../../addons/catalogue-way-in";
import { parseSpec } from "../../spec";
import { accepted, KUBECONFIG } from "./fixture/accepted";
import { canHave, kindsIn, missing, upstreamWith } from "./fixture/upstream";

const dual = readFileSync(join(__dirname, "../plan/specs/dual.yaml"), "utf8");
const { kubernetes, typha, etcd, operator } = CALICO["3.32.1"];
const ETCD = 'etcd: {endpoints: ["http://[fd00:10::21]:2379"]}';
const POOL = '{name: default, ipv4: 10.0.0.200-10.0.0.220, ipv6: "fd00:10::200-fd00:10::220"}';
const PEERS = 'mode: bgp, bgp: {asn: 64512, peers: [{address: "fd00:10::1", asn: 64513}]}';
const envoy = [...GATEWAY_API["1.6.1"], ...ENVOY_GATEWAY["1.9.1"].kinds];
const metallb = (version: string, more: string) =>
  `loadBalancer: {kind: metallb, version: "${version}", ${more}pools: [${POOL}]}\ningress: [{kind: traefik, certificate: tls}]`;

const WISHES: readonly [title: string, spec: string, files: readonly Pinned[]][] = [
  ["Calico by VXLAN", "cni: {kind: calico, mtu: 1450}", [kubernetes]],
  ["Calico by BGP", "cni: {kind: calico, backend: bgp}", [kubernetes]],
  ["Calico with Typha", "cni: {kind: calico}", [kubernetes, typha]],
  ["Calico with etcd", `cni: {kind: calico, ${ETCD}}`, [etcd]],
  ["Calico's operator", "cni: {kind: calico, install: operator}", [operator]],
  ["Cilium", "cni: {kind: cilium, ipam: cluster-pool, backend: geneve}", [CILIUM["1.20.0"]]],
  ["Cilium without kube-proxy", "cni: {kind: cilium, backend: native}\nkubeProxy: {mode: none}", [CILIUM["1.20.0"]]],
  ["MetalLB 0.15.2 and Traefik", metallb("0.15.2", ""), [METALLB["0.15.2"].native]],
  ["MetalLB 0.16.1 and Traefik", metallb("0.16.1", ""), [METALLB["0.16.1"].native]],
  ["MetalLB 0.16.1 by BGP", metallb("0.16.1", `${PEERS}, `), [METALLB["0.16.1"].frr]],
  ["Envoy Gateway", "ingress: [{kind: envoy-gateway, certificate: tls}]", envoy],
  ["Kong", "ingress: [{kind: kong}]", KONG["3.5.13"].files],
  ["ingress-nginx", "ingress: [{kind: ingress-nginx}]", [INGRESS_NGINX["1.15.1"].nodePort]],
];

describe.each(WISHES)("%s", (title, wish, files) => {
  const reasons = files.flatMap((pinned) => missing(pinned) ?? []);
  const why = KUBECONFIG === undefined ? "DUALSTACK_TEST_KUBECONFIG names no kubeconfig" : reasons[0];
  (why === undefined ? test : test.skip)(
    `is what a real API server accepts${why === undefined ? "" : `: not run, ${why}`}`,
    async () => {
      const upstream = await upstreamWith(files);
      const hosts = title === "Calico with Typha" ? 51 : 2;
      const { spec } = parseSpec(`${wish}\n${withHosts(hosts)}`, { file: "dual.yaml", today: "2026-11-21" });
      const planned = addons(spec, upstream).filter(({ mode }) => mode === "create");
      const objects = planned.map(({ object }) => object);
      expect(objects.length).toBeGreaterThan(5);
      // the operator brings the kind itself, when it starts
      const kinds = objects.some(({ kind }) => kind === "Installation") ? await installationKind() : [];
      await accepted([...kinds, ...objects]);
    },
  );
});

const OPERATOR = operator.images
  .find((image) => image.includes("tigera/operator"))!
  .replace(/^quay.io\/(.*):/, "github.com/$1@");

/** The kind of the operator's Installation, out of the module of the release that Calico's manifest starts. */
const installationKind = () => kindsIn(OPERATOR, "pkg/imports/crds/operator/operator.tigera.io_installations.yaml");

const INSTALLATIONS = [
  "cni: {kind: calico, install: operator}",
  "cni: {kind: calico, install: operator, backend: bgp, masquerade: [ipv4, ipv6], mtu: 9000}",
  "cni: {kind: calico, install: operator, backend: vxlan-cross-subnet, blockSize: {ipv4: 24, ipv6: 120}}\nkubeProxy: {mode: iptables}",
];

describe("Calico's Installation, without its operator's manifest", () => {
  const isHere = KUBECONFIG !== undefined && canHave(OPERATOR);
  (isHere ? test : test.skip).each(INSTALLATIONS)("is what its real kind accepts: %s", async (wish) => {
    const { spec } = parseSpec(`${wish}\n${withHosts(2)}`, { file: "dual.yaml", today: "2026-11-21" });
    const planned = addons(spec, { file: () => "", chart: () => "" }).map(({ object }) => object);
    const installations = planned.filter(({ kind }) => kind === "Installation");
    expect(installations).toHaveLength(1);
    await accepted([...(await installationKind()), ...installations]);
  });
});

/** The spec of two hosts with more workers. */
function withHosts(count: number): string {
  const worker = `${dual.slice(dual.indexOf("  - name: worker-1")).trimEnd()}\n`;
  const more = Array.from({ length: count - 2 }, (_, i) =>
    worker
      .replace("worker-1", `more-${i}`)
      .replace("10.0.0.12", `10.0.0.${i + 20}`)
      .replace("fd00:10::12", `fd00:10::1:${i + 20}`),
  );
  return `${dual.trimEnd()}\n${more.join("")}`;
}
