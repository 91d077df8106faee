/**
 * Network add-on x way of packets x mode of kube-proxy x order of families: every allowed combination can be planned, without a warning
 * that is not meant; every other one is refused with its reason. With stand-ins for upstream files, and with the real ones where they are.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CALICO } from "../../addons/catalogue";
import { planCluster } from "../../plan/plan";
import { type Problem, parseSpec, SpecError } from "../../spec";
import { REAL, testWith, why } from "../upstream";
import { CILIUM_CHART, STAND_INS } from "./stand-ins";

const dual = readFileSync(join(__dirname, "specs/dual.yaml"), "utf8");

const CNIS = [
  ..."flannel calico cilium"
    .split(" ")
    .flatMap((kind) =>
      "vxlan vxlan-cross-subnet geneve wireguard host-gw native bgp"
        .split(" ")
        .map((backend) => `{kind: ${kind}, backend: ${backend}}`),
    ),
  "{kind: calico, install: operator}",
  "{kind: calico, install: operator, backend: bgp}",
  "{kind: cilium, ipam: cluster-pool}",
];
const MODES = ["nftables", "iptables", "ipvs", "none"];
const FAMILIES = ["ipv4, ipv6", "ipv6, ipv4", "ipv6", "ipv4"];

const OWN: Record<string, string[]> = {
  flannel: ["vxlan", "wireguard", "host-gw"],
  calico: ["vxlan", "vxlan-cross-subnet", "bgp"],
  cilium: ["vxlan", "geneve", "native"],
};

/** What must be refused, by code. */
function refused(cni: string, mode: string): string[] {
  const kind = /kind: (\w+)/.exec(cni)![1]!;
  const backend = /backend: ([\w-]+)/.exec(cni)?.[1] ?? "vxlan";
  return [
    ...(OWN[kind]!.includes(backend) ? [] : ["cni-backend"]),
    ...(mode === "none" && kind !== "cilium" ? ["proxy-none"] : []),
  ];
}

/** Warnings that are meant. */
const warned = (mode: string) => (mode === "ipvs" ? ["ipvs-deprecated"] : []);

function textOf(cni: string, mode: string, families: string): string {
  // the ranges are the defaults, which follow the families
  const text = dual.replace(/^network:\n( .*\n)+/m, `network: {families: [${families}]}\n`);
  return `cni: ${cni}\nkubeProxy: {mode: ${mode}}\n${text}`;
}

const codes = (problems: readonly Problem[], severity: string) =>
  problems.filter((one) => one.severity === severity).map(({ code }) => code);

function problemsOf(text: string): readonly Problem[] {
  try {
    return parseSpec(text, { file: "matrix.yaml", today: "2026-11-21" }).warnings;
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems;
  }
}

const rows = CNIS.flatMap((cni) =>
  MODES.flatMap((mode) => FAMILIES.map((families) => [cni, mode, families, refused(cni, mode)] as const)),
);
const allowed = rows.filter(([, , , codes]) => codes.length === 0);

test("the matrix has both kinds of rows", () => {
  expect(rows).toHaveLength(24 * 4 * 4);
  // flannel and Calico with three modes, Cilium with all four, each with four orders of families
  expect(allowed).toHaveLength(3 * 3 * 4 + 5 * 3 * 4 + 4 * 4 * 4);
});

test.each(rows)("%s with kube-proxy %s and [%s]", (cni, mode, families, expected) => {
  const problems = problemsOf(textOf(cni, mode, families));
  expect(codes(problems, "error").sort()).toEqual([...expected].sort());
  expect(codes(problems, "warning")).toEqual(warned(mode));
});

test.each(allowed)("%s with kube-proxy %s and [%s] can be planned", (cni, mode, families) => {
  const { spec } = parseSpec(textOf(cni, mode, families), { file: "matrix.yaml" });
  const plan = planCluster(spec, STAND_INS);
  const text = JSON.stringify(plan.objects);
  for (const family of ["ipv4", "ipv6"] as const) {
    const range = { ipv4: "10.244.0.0/16", ipv6: "fd00:10:244::/56" }[family];
    // Cilium with ranges of Kubernetes needs to know none, unless it routes
    const told = spec.cni.kind !== "cilium" || spec.cni.backend === "native" || spec.cni.ipam === "cluster-pool";
    expect([family, text.includes(range)]).toEqual([family, told && spec.network.families.includes(family)]);
  }
});

const everything = [...Object.values(CALICO["3.32.1"]), CILIUM_CHART];
testWith(...everything)(`one of each can be planned with the real files${why(...everything)}`, () => {
  for (const [cni, mode, families] of allowed) {
    if (cni.includes("flannel") || mode !== "nftables" || families !== "ipv6, ipv4") continue;
    const { spec } = parseSpec(textOf(cni, mode, families), { file: "matrix.yaml" });
    expect(planCluster(spec, REAL).objects.length).toBeGreaterThan(5);
  }
});
