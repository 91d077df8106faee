/**
 * What becomes of upstream files, before a real API server: server-side apply with strict validation, as a dry run. Needs a cluster
 * (the lab names one) and the files (DUALSTACK_UPSTREAM_MIRROR; for Cilium Helm too).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addons } from "../../addons";
import { CALICO } from "../../addons/catalogue";
import type { KubeObject } from "../../addons/objects";
import { GROUPS, groupOf } from "../../addons/order";
import { parseSpec } from "../../spec";
import { Api, isMissing } from "../lab/plugins/kubernetes/api";
import { readKubeconfig } from "../lab/plugins/kubernetes/kubeconfig";
import { CILIUM_CHART, isHere, REAL } from "../plan/stand-ins";

jest.setTimeout(120_000);

const file = process.env.DUALSTACK_TEST_KUBECONFIG;
const dual = readFileSync(join(__dirname, "../plan/specs/dual.yaml"), "utf8");
const { kubernetes, etcd, operator } = CALICO["3.32.1"];
const ETCD = 'etcd: {endpoints: ["http://[fd00:10::21]:2379"]}';

const WISHES = [
  ["Calico by VXLAN", "{kind: calico, mtu: 1450}", kubernetes],
  ["Calico by BGP", "{kind: calico, backend: bgp}", kubernetes],
  ["Calico with etcd", `{kind: calico, ${ETCD}}`, etcd],
  ["Calico's operator", "{kind: calico, install: operator}", operator],
  ["Cilium", "{kind: cilium, ipam: cluster-pool, backend: geneve}", CILIUM_CHART],
  ["Cilium without kube-proxy", "{kind: cilium, backend: native}", CILIUM_CHART],
] as const;

describe.each(WISHES)("%s", (title, cni, pinned) => {
  const missing = file === undefined ? "DUALSTACK_TEST_KUBECONFIG names no kubeconfig" : "its file or Helm is not here";
  const run = file !== undefined && isHere(pinned) ? test : test.skip;
  run(`is what a real API server accepts${file !== undefined && isHere(pinned) ? "" : `: ${missing}`}`, async () => {
    const api = new Api(readKubeconfig(readFileSync(file!, "utf8")));
    const mode = title.includes("without kube-proxy") ? "kubeProxy: {mode: none}\n" : "";
    const { spec } = parseSpec(`cni: ${cni}\n${mode}${dual}`, { file: "dual.yaml" });
    const objects = addons(spec, REAL)
      .filter((one) => one.mode === "create")
      .map(({ object }) => object);
    // the operator brings its kinds itself, from files of its own
    const known = objects.filter(({ apiVersion }) => Object.hasOwn(GROUPS, groupOf(apiVersion)));
    expect(objects.filter((one) => !known.includes(one)).map(({ kind }) => kind)).toEqual(
      title === "Calico's operator" ? ["Installation"] : [],
    );
    const made: KubeObject[] = [];
    try {
      // a dry run in a namespace needs the namespace
      for (const object of known.filter(({ kind }) => kind === "Namespace")) {
        const place = await api.place("v1", "Namespace", object.metadata.name, "");
        if ((await api.find(place)) !== undefined) continue;
        await api.request("POST", "/api/v1/namespaces", place.title, {
          type: "application/json",
          content: { ...object },
        });
        made.push(object);
      }
      const refused = await Promise.all(known.map((object) => tryOut(api, object)));
      expect(refused.filter((reason) => reason !== undefined)).toEqual([]);
    } finally {
      for (const { metadata } of made) {
        const place = await api.place("v1", "Namespace", metadata.name, "");
        await api.delete(place, "Background").catch((error) => {
          if (!isMissing(error)) throw error;
        });
      }
    }
  });
});

/** Why the API server would not take the object; undefined when it would. */
async function tryOut(api: Api, { ...object }: KubeObject): Promise<string | undefined> {
  const { name, namespace = "default" } = object.metadata;
  const { path, title } = await api.place(object.apiVersion, object.kind, name, namespace);
  const query = new URLSearchParams({
    fieldManager: "dualstack-test",
    force: "true",
    fieldValidation: "Strict",
    dryRun: "All",
  });
  try {
    await api.request("PATCH", `${path}?${query}`, title, { type: "application/apply-patch+yaml", content: object });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
