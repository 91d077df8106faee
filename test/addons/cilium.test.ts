/** The values with which Cilium's chart is rendered, and what Helm makes of them where both are here. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addons } from "../../addons";
import { ciliumValues } from "../../addons/cilium";
import { imagesOf } from "../../addons/images";
import { type ClusterSpec, parseSpec } from "../../spec";
import type { Cilium } from "../../spec/types";
import { CILIUM_CHART } from "../plan/stand-ins";
import { isInMirror, REAL, testWith, why } from "../upstream";

const dual = readFileSync(join(__dirname, "../plan/specs/dual.yaml"), "utf8");

function specOf(cni = "", families = "ipv4, ipv6", rest = ""): ClusterSpec {
  // the ranges are the defaults, which follow the families
  const text = dual.replace(/^network:\n( .*\n)+/m, `network: {families: [${families}]}\n`);
  return parseSpec(`cni: {kind: cilium${cni}}\n${rest}${text}`, { file: "dual.yaml" }).spec;
}
const values = (...wish: Parameters<typeof specOf>) => {
  const spec = specOf(...wish);
  return ciliumValues(spec, spec.cni as Cilium);
};

test("both families are on, and nodes wait for their ranges of Kubernetes", () => {
  expect(values()).toEqual({
    ipv4: { enabled: true },
    ipv6: { enabled: true },
    enableIPv4Masquerade: true,
    enableIPv6Masquerade: true,
    ipam: { mode: "kubernetes" },
    k8s: { requireIPv4PodCIDR: true, requireIPv6PodCIDR: true },
    routingMode: "tunnel",
    tunnelProtocol: "vxlan",
    kubeProxyReplacement: "false",
    hubble: { enabled: false },
    rollOutCiliumPods: true,
    operator: { rollOutPods: true, replicas: 2 },
  });
});

test("a pool of Cilium's own is the one of the spec, never Cilium's defaults", () => {
  expect(values(", ipam: cluster-pool")).toMatchObject({
    ipam: {
      mode: "cluster-pool",
      operator: {
        clusterPoolIPv4PodCIDRList: ["10.244.0.0/16"],
        clusterPoolIPv4MaskSize: 24,
        clusterPoolIPv6PodCIDRList: ["fd00:10:244::/56"],
        clusterPoolIPv6MaskSize: 64,
      },
    },
  });
  expect(values(", ipam: cluster-pool")).not.toHaveProperty("k8s");
});

test("native routing names the ranges that are not masqueraded; other tunnels and packet sizes are passed on", () => {
  expect(values(", backend: native, mtu: 9000")).toMatchObject({
    routingMode: "native",
    autoDirectNodeRoutes: true,
    ipv4NativeRoutingCIDR: "10.244.0.0/16",
    ipv6NativeRoutingCIDR: "fd00:10:244::/56",
    MTU: 9000,
  });
  expect(values(", backend: geneve")).toMatchObject({ routingMode: "tunnel", tunnelProtocol: "geneve" });
});

test("an IPv6-only cluster has no IPv4, and public addresses are left as they are", () => {
  expect(values("", "ipv6")).toMatchObject({
    ipv4: { enabled: false },
    ipv6: { enabled: true },
    enableIPv4Masquerade: false,
    k8s: { requireIPv6PodCIDR: true },
  });
  expect(values(", masquerade: [ipv4]")).toMatchObject({ enableIPv4Masquerade: true, enableIPv6Masquerade: false });
});

test("without kube-proxy the agents find the API by its endpoint", () => {
  expect(values("", "ipv6, ipv4", "kubeProxy: {mode: none}\n")).toMatchObject({
    kubeProxyReplacement: "true",
    k8sServiceHost: "fd00:10::11",
    k8sServicePort: "6443",
  });
});

testWith(CILIUM_CHART)(`Helm makes the same of the chart every time, without secrets${why(CILIUM_CHART)}`, () => {
  const spec = specOf(", ipam: cluster-pool, backend: geneve, mtu: 1450", "ipv6, ipv4", "kubeProxy: {mode: none}\n");
  const objects = addons(spec, REAL);
  expect(addons(spec, REAL)).toEqual(objects);
  expect(objects.filter(({ object }) => object.kind === "Secret")).toEqual([]);
  const config = objects.find(({ object }) => object.metadata.name === "cilium-config")?.object.data;
  expect(config).toMatchObject({
    "enable-ipv4": "true",
    "enable-ipv6": "true",
    ipam: "cluster-pool",
    "cluster-pool-ipv4-cidr": "10.244.0.0/16",
    "cluster-pool-ipv6-cidr": "fd00:10:244::/56",
    "cluster-pool-ipv6-mask-size": "64",
    "routing-mode": "tunnel",
    "tunnel-protocol": "geneve",
    "kube-proxy-replacement": "true",
    mtu: "1450",
  });
  // only the published archive names Cilium's own images by digest; the chart of the repository (lab/upstream.ts) by tag
  const named = (image: string) => (isInMirror(CILIUM_CHART) ? image : image.replace(/@.*/, ""));
  const images = imagesOf(objects.map(({ object }) => object));
  expect(images.map(named)).toEqual([...CILIUM_CHART.images].map(named).sort());
});
