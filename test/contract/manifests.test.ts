/**
 * What becomes of upstream files, before a real API server: its kinds are made, and all other objects are applied with strict validation,
 * as a dry run, so nothing starts. Needs a cluster (the lab names one) and the files (fixture/upstream.ts says where from).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addons } from "../../addons";
import { CALICO, CILIUM, GATEWAY_API, INGRESS_NGINX, METALLB, type Pinned } from "../../addons/catalogue";
import { ENVOY_GATEWAY, KONG } from "../../addons/catalogue-way-in";
import type { KubeObject } from "../../addons/objects";
import { parseSpec } from "../../spec";
import { Api, isMissing } from "../lab/plugins/kubernetes/api";
import { readKubeconfig } from "../lab/plugins/kubernetes/kubeconfig";
import { missing, upstreamWith } from "./fixture/upstream";

jest.setTimeout(180_000);

const file = process.env.DUALSTACK_TEST_KUBECONFIG;
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
  const why = file === undefined ? "DUALSTACK_TEST_KUBECONFIG names no kubeconfig" : reasons[0];
  (why === undefined ? test : test.skip)(
    `is what a real API server accepts${why === undefined ? "" : `: not run, ${why}`}`,
    async () => {
      const upstream = await upstreamWith(files);
      try {
        const hosts = title === "Calico with Typha" ? 51 : 2;
        const { spec } = parseSpec(`${wish}\n${withHosts(hosts)}`, { file: "dual.yaml", today: "2026-11-21" });
        const planned = addons(spec, upstream).filter(({ mode }) => mode === "create");
        await accepted(planned.map(({ object }) => object));
      } finally {
        upstream.remove();
      }
    },
  );
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

/** What the API server has to have before it can judge the rest. */
const isGround = ({ kind }: KubeObject) => kind === "Namespace" || kind === "CustomResourceDefinition";

/** Fails with what the API server says against each object that it does not take; leaves nothing behind. */
async function accepted(objects: readonly KubeObject[]): Promise<void> {
  const api = new Api(readKubeconfig(readFileSync(file!, "utf8")));
  const made: KubeObject[] = [];
  try {
    for (const object of objects.filter(isGround)) {
      const place = await placeOf(api, object);
      if ((await api.find(place)) !== undefined) continue;
      made.push(object);
      await api.request("PATCH", `${place.path}?${QUERY}`, place.title, applied(object));
    }
    for (const object of made) await established(api, object);
    // kinds that Calico's operator and Cilium's bring themselves, from files of their own
    const brought = objects.filter(({ apiVersion }) => apiVersion.startsWith("operator.tigera.io/"));
    const rest = objects.filter((one) => !isGround(one) && !brought.includes(one));
    expect(rest.length).toBeGreaterThan(5);
    expect(brought.map(({ kind }) => kind)).toEqual(brought.length > 0 ? ["Installation"] : []);
    const refused = await Promise.all(rest.map((object) => tryOut(api, object)));
    expect(refused.filter((reason) => reason !== undefined)).toEqual([]);
  } finally {
    for (const object of made.reverse()) await takeAway(api, object);
  }
}

const QUERY = new URLSearchParams({ fieldManager: "dualstack-test", force: "true", fieldValidation: "Strict" });
const applied = (object: KubeObject) => ({
  type: "application/apply-patch+yaml" as const,
  content: { ...object },
});
const placeOf = (api: Api, { apiVersion, kind, metadata: { name, namespace = "default" } }: KubeObject) =>
  api.place(apiVersion, kind, name, namespace);

/** Why the API server would not take the object; undefined when it would. */
async function tryOut(api: Api, object: KubeObject): Promise<string | undefined> {
  try {
    const { path, title } = await placeOf(api, object);
    await api.request("PATCH", `${path}?${QUERY}&dryRun=All`, title, applied(object));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A kind is served a moment after it was made. */
async function established(api: Api, object: KubeObject): Promise<void> {
  if (object.kind !== "CustomResourceDefinition") return;
  const place = await placeOf(api, object);
  const { names, group, versions } = (object as unknown as { spec: Definition }).spec;
  await until(`kind ${names.kind} is served`, async () => {
    const { status } = (await api.get(place)) as { status?: { conditions?: { type: string; status: string }[] } };
    const isThere = status?.conditions?.some((one) => one.type === "Established" && one.status === "True") ?? false;
    const served = versions.find((version) => version.served)!.name;
    return isThere && (await api.place(`${group}/${served}`, names.kind, "any", "default")) !== undefined;
  });
}

interface Definition {
  readonly group: string;
  readonly names: { readonly kind: string };
  readonly versions: readonly { readonly name: string; readonly served: boolean }[];
}

async function takeAway(api: Api, object: KubeObject): Promise<void> {
  const place = await placeOf(api, object);
  const ignoreMissing = (error: unknown) => {
    if (!isMissing(error)) throw error;
  };
  await api.delete(place, "Background").catch(ignoreMissing);
  // the next one may make it anew, which it cannot while this one goes
  await until(`${place.title} is gone`, async () => (await api.find(place)) === undefined);
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited 60 s in vain: ${what}`);
    await new Promise((again) => setTimeout(again, 200));
  }
}
