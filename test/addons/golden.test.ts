/**
 * Golden files of the network add-ons that come from other projects. With stand-ins for their files: every object that the cluster gets.
 * With the real ones, where they are here: each field that dualstack changes in them.
 * `UPDATE_GOLDEN=1` writes them anew, on purpose.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CALICO, METALLB, type Pinned } from "../../addons/catalogue";
import { type KubeObject, objectName } from "../../addons/objects";
import { objectsOf } from "../../addons/upstream";
import { planCluster } from "../../plan/plan";
import { planTree } from "../../plan/tree";
import { type ClusterSpec, parseSpec } from "../../spec";
import { STAND_INS } from "../plan/stand-ins";
import { REAL, testWith, why } from "../upstream";

const dual = readFileSync(join(__dirname, "../plan/specs/dual.yaml"), "utf8");
const GOLDEN = join(__dirname, "golden");
const { kubernetes, etcd, operator } = CALICO["3.32.1"];
const ETCD = '{endpoints: ["https://[fd00:10::21]:2379"], ca: ca.crt, cert: client.crt, key: client.key}';
const POOL = '{name: default, ipv4: 10.0.0.200-10.0.0.220, ipv6: "fd00:10::200-fd00:10::220"}';

const CASES: Record<string, { wish: string; families?: string; upstream?: Pinned }> = {
  "calico-vxlan": { wish: "cni: {kind: calico, mtu: 1450}", upstream: kubernetes },
  "calico-bgp-ipv6-only": { wish: "cni: {kind: calico, backend: bgp}", families: "ipv6", upstream: kubernetes },
  "calico-etcd": { wish: `cni: {kind: calico, etcd: ${ETCD}}`, upstream: etcd },
  "calico-operator-ipv6-first": {
    wish: "cni: {kind: calico, install: operator}",
    families: "ipv6, ipv4",
    upstream: operator,
  },
  "cilium-cluster-pool": { wish: "cni: {kind: cilium, ipam: cluster-pool, backend: geneve}" },
  "cilium-native-without-kube-proxy": {
    wish: "cni: {kind: cilium, backend: native}\nkubeProxy: {mode: none}",
    families: "ipv6, ipv4",
  },
};

function specOf({ wish, families = "ipv4, ipv6" }: { wish: string; families?: string }): ClusterSpec {
  const text = dual.replace(/^network:\n( .*\n)+/m, `network: {families: [${families}]}\n`);
  return parseSpec(`${wish}\n${text}`, { file: "dual.yaml" }).spec;
}

/** The files below `folder` are `found`, by their names. */
function expectGolden(folder: string, found: ReadonlyMap<string, string>): void {
  if (process.env.UPDATE_GOLDEN) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of found) writeFileSync(join(folder, name), text);
  }
  const golden = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(golden));
}

describe.each(Object.entries(CASES))("%s", (name, wanted) => {
  test("the objects are the golden ones (the stand-ins)", () => {
    const tree = planTree(planCluster(specOf(wanted), STAND_INS));
    const objects = [...tree].filter(([path]) => path.startsWith("cluster/"));
    expectGolden(join(GOLDEN, name), new Map(objects.map(([path, text]) => [path.slice("cluster/".length), text])));
  });
});

const CHANGED: Record<string, { wish: string; families?: string; upstream: Pinned }> = {
  ...Object.fromEntries(
    Object.entries(CASES).flatMap(([name, one]) => (one.upstream ? [[name, { ...one, upstream: one.upstream }]] : [])),
  ),
  metallb: { wish: `loadBalancer: {kind: metallb, pools: [${POOL}]}`, upstream: METALLB["0.16.1"].native },
};

describe.each(Object.entries(CHANGED))("%s", (name, wanted) => {
  const { upstream } = wanted;
  testWith(upstream)(`what is changed in the real file is what the golden file says${why(upstream)}`, () => {
    const planned = planCluster(specOf(wanted), REAL).objects.filter(({ mode }) => mode === "create");
    const given = objectsOf(REAL, upstream);
    const ours = planned.map(({ object }) => object);
    const flannel = ({ metadata }: KubeObject) => /flannel/.test(`${metadata.namespace} ${metadata.name}`);
    const text = changes(
      given,
      ours.filter((one) => !flannel(one)),
    );
    expectGolden(join(GOLDEN, "changes", name), new Map([["changes.txt", text]]));
  });
});

/** A line for each field that is not the same, `-` for what was and `+` for what is; nothing of what stays. */
function changes(before: readonly KubeObject[], after: readonly KubeObject[]): string {
  const fields = (objects: readonly KubeObject[]) =>
    new Map(objects.flatMap((object) => [...flat(object, objectName(object))]));
  const [old, now] = [fields(before), fields(after)];
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  return names
    .filter((field) => old.get(field) !== now.get(field))
    .flatMap((field) => [
      ...(old.has(field) ? [`- ${field}: ${old.get(field)}\n`] : []),
      ...(now.has(field) ? [`+ ${field}: ${now.get(field)}\n`] : []),
    ])
    .join("");
}

/** Every value by its path; members of lists by their names where they have one. */
function* flat(value: unknown, path: string): Generator<[string, string]> {
  if (typeof value !== "object" || value === null) {
    yield [path, JSON.stringify(value)];
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    const named = Array.isArray(value) ? (child?.name ?? child?.mountPath ?? key) : key;
    yield* flat(child, `${path} ${named}`);
  }
}
