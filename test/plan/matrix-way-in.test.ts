/**
 * The matrix goes on: network add-on x mode of kube-proxy x order of families x ingress controller x how it is reached. Every combination
 * can be planned, with no warning but those that are meant, and the controller's Service has the cluster's families in their order.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { planCluster } from "../../plan/plan";
import { SERVICES } from "../../plan/way-in";
import { type ClusterSpec, type Family, ipFamily, type Problem, parseSpec, SpecError } from "../../spec";
import type { IngressKind } from "../../spec/way-in";
import { STAND_INS } from "./stand-ins";

const dual = readFileSync(join(__dirname, "specs/dual.yaml"), "utf8");
const TODAY = "2026-11-21";

const CNIS = ["flannel", "calico", "cilium"];
const MODES = ["nftables", "iptables", "ipvs", "none"];
const FAMILIES: readonly (readonly Family[])[] = [["ipv4", "ipv6"], ["ipv6", "ipv4"], ["ipv6"], ["ipv4"]];
const KINDS = Object.keys(SERVICES) as IngressKind[];
const WAYS = ["node-port", "load-balancer", "host-port"];

const SPANS = { ipv4: "10.0.0.200-10.0.0.220", ipv6: '"fd00:10::200-fd00:10::220"' };

interface Row {
  readonly cni: string;
  readonly mode: string;
  readonly families: readonly Family[];
  readonly kind: IngressKind;
  readonly way: string;
}

function textOf({ cni, mode, families, kind, way }: Row): string {
  const text = dual.replace(/^network:\n( .*\n)+/m, `network: {families: [${families.join(", ")}]}\n`);
  const pool = families.map((family) => `${family}: ${SPANS[family]}`).join(", ");
  const balancer = way === "load-balancer" ? `loadBalancer: {kind: metallb, pools: [{name: default, ${pool}}]}\n` : "";
  return `cni: {kind: ${cni}}\nkubeProxy: {mode: ${mode}}\n${balancer}ingress: [{kind: ${kind}, expose: ${way}}]\n${text}`;
}

/** What must be refused, by code. */
const refused = ({ cni, mode, kind, way }: Row) => [
  ...(mode === "none" && cni !== "cilium" ? ["proxy-none"] : []),
  // its Gateways have Services of their own, and those have no ports of the node
  ...(kind === "envoy-gateway" && way === "host-port" ? ["ingress-host-port"] : []),
];

/** Warnings that are meant. */
const warned = ({ mode, kind }: Row) => [
  ...(kind === "ingress-nginx" ? ["ingress-nginx-ended"] : []),
  ...(mode === "ipvs" ? ["ipvs-deprecated"] : []),
];

/** The finished spec, or the problems for which it is refused. */
function read(row: Row): { spec?: ClusterSpec; errors: string[]; warnings: string[] } {
  const codes = (problems: readonly Problem[], severity: string) =>
    problems.flatMap((one) => (one.severity === severity ? [one.code] : [])).sort();
  try {
    const { spec, warnings } = parseSpec(textOf(row), { file: "matrix.yaml", today: TODAY });
    return { spec, errors: [], warnings: codes(warnings, "warning") };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return { errors: codes(error.problems, "error"), warnings: codes(error.problems, "warning") };
  }
}

const rows = CNIS.flatMap((cni) =>
  MODES.flatMap((mode) =>
    FAMILIES.flatMap((families) =>
      KINDS.flatMap((kind) => WAYS.map((way): Row => ({ cni, mode, families, kind, way }))),
    ),
  ),
);
const allowed = rows.filter((row) => refused(row).length === 0);

test("the matrix has both kinds of rows", () => {
  expect(rows).toHaveLength(3 * 4 * 4 * 4 * 3);
  // ten pairs of add-on and mode, four orders; three controllers in three ways and one in two
  expect(allowed).toHaveLength(10 * 4 * (3 * 3 + 2));
});

const pairs = CNIS.flatMap((cni) => MODES.map((mode) => [cni, mode] as const));

describe.each(KINDS)("%s", (kind) => {
  test.each(pairs)("with %s and kube-proxy %s, in every order of families and by every way", (cni, mode) => {
    for (const row of rows.filter((one) => one.cni === cni && one.mode === mode && one.kind === kind)) {
      const { spec, ...said } = read(row);
      expect([row, said]).toEqual([row, { errors: refused(row).sort(), warnings: warned(row).sort() }]);
      if (spec !== undefined) expectPlanned(row, spec);
    }
  });
});

function expectPlanned(row: Row, spec: ClusterSpec): void {
  const { families } = row;
  const { objects, checks } = planCluster(spec, STAND_INS);
  const { name, namespace } = SERVICES[row.kind];
  const all = objects.map(({ object }) => object);
  const own = all.find(
    ({ kind, metadata }) => kind === "Service" && metadata.name === name && metadata.namespace === namespace,
  );
  const wanted = {
    ipFamilyPolicy: families.length > 1 ? "RequireDualStack" : "SingleStack",
    ipFamilies: families.map(ipFamily),
  };
  if (row.kind === "envoy-gateway") {
    // it makes the Service of its Gateway itself, as its EnvoyProxy says, whose ipFamily DualStack is RequireDualStack there
    expect(own).toBeUndefined();
    const proxy = all.find(({ kind }) => kind === "EnvoyProxy")!;
    expect([row, proxy.spec]).toMatchObject([
      row,
      { ipFamily: families.length > 1 ? "DualStack" : ipFamily(families[0]!) },
    ]);
    const order = JSON.stringify({ ipFamilies: wanted.ipFamilies }).slice(1, -1);
    expect([row, JSON.stringify(proxy)]).toEqual([row, expect.stringContaining(order)]);
  } else expect([row, own?.spec]).toEqual([row, expect.objectContaining(wanted)]);
  const asked = checks.flatMap((check) => (check.kind === "ingress" ? [check.family] : []));
  expect([row, [...new Set(asked)]]).toEqual([row, families]);
}
