/** Compares what a host answered with its plan. Pure. */
import { X509Certificate } from "node:crypto";
import type { PlannedFile, Step } from "../../hosts/document";
import { withAuthority } from "../../hosts/kubeadm";
import type { Answers } from "../../hosts/look";
import type { ClusterSpec } from "../../spec/types";
import { changedLines } from "../diff/lines";
import { type HostPlan, steps } from "../plan";
import { addressDrift, routeDrift } from "./addresses";
import type { Drift } from "./drift";
import { CLUSTER_CA, JOINED_CA, joinsCluster, modulesOf, servicesOf, sysctlsOf, versionsOf } from "./questions";

/** Certificate (PEM) of the cluster's CA, as the first control plane has it; undefined when there is none. */
export function authorityOn(answers: Answers): string | undefined {
  const [, ...lines] = answers.of(`file ${CLUSTER_CA}`);
  try {
    return new X509Certificate(lines.join("\n")).toString();
  } catch {
    return undefined;
  }
}

/** Everything on a host that differs from its plan, in the order of its steps. */
export function compare(spec: ClusterSpec, plan: HostPlan, answers: Answers, authority: string | undefined): Drift[] {
  const { host } = plan;
  const joins = joinsCluster(plan) && authority !== undefined;
  const all = steps(plan).map((step) => (joins && step.name === "kubernetes" ? withAuthority(step, authority) : step));
  const planned = new Set(all.flatMap(({ files }) => files.map(({ path }) => path)));
  return all.flatMap((step) => [
    ...stepDrift(step, planned, answers),
    ...step.files.flatMap((file) => fileDrift(step, file, answers)),
    ...sysctlsOf(step).flatMap(([key, value]) => sysctlDrift(step, key, value, answers)),
    ...modulesOf(step).flatMap((name) => moduleDrift(step, name, answers)),
    ...(step.name === "network" ? [...addressDrift(spec, host, answers), ...routeDrift(spec, host, answers)] : []),
    ...(step.name === "system" ? versionDrift(spec, answers) : []),
    ...servicesOf(plan).flatMap(([name, of]) => (of.name === step.name ? serviceDrift(step, name, answers) : [])),
  ]);
}

/** A step that never came to its end here, and files of earlier plans that are still there. */
function stepDrift({ name }: Step, planned: ReadonlySet<string>, answers: Answers): Drift[] {
  const noted = answers.of(`step ${name}`);
  const found = (what: string) => [{ step: name, kind: "step", name, planned: "done", found: what } as const];
  if (!noted.includes("made")) return found("never run on this host");
  // the CA's file is planned when the cluster's CA is known
  const leftovers = noted.flatMap((line) => (line.startsWith("file ") ? [line.slice(5)] : []));
  return [
    ...(name === "kubernetes" && !noted.includes("done") ? found("cut off before its end") : []),
    ...(noted.includes("pending") ? found("cut off before what changed was put into effect") : []),
    ...leftovers
      .filter((path) => !planned.has(path) && path !== JOINED_CA)
      .map(
        (path) =>
          ({
            step: name,
            kind: "leftover",
            name: path,
            planned: "nothing",
            found: "a file of an earlier plan",
          }) as const,
      ),
  ];
}

function fileDrift({ name: step }: Step, { path, mode, text }: PlannedFile, answers: Answers): Drift[] {
  const [stat = "missing", ...lines] = answers.of(`file ${path}`);
  const file = (planned: string, found: string) => ({ step, kind: "file", name: path, planned, found }) as const;
  const [, bits, owner, size] = /^(\d+) (\d+:\d+) (\d+)$/.exec(stat) ?? [];
  if (bits === undefined) return [file("a file", stat)];
  const wanted = mode.replace(/^0/, "");
  const whole = `${text.replace(/\n$/, "")}\n`;
  const content = `${lines.join("\n")}\n`;
  const isSame = content === whole && Number(size) === Buffer.byteLength(whole);
  return [
    ...(isSame ? [] : [contentDrift(file, whole, content, Number(size))]),
    ...(bits === wanted ? [] : [file(`mode ${mode}`, `mode 0${bits}`)]),
    ...(owner === "0:0" ? [] : [file("owner 0:0 (root)", `owner ${owner}`)]),
  ];
}

function contentDrift<T>(file: (planned: string, found: string) => T, whole: string, content: string, size: number) {
  if (content === whole)
    return file(`${Buffer.byteLength(whole)} bytes`, `${size} bytes, the same lines but for line ends`);
  const lines = changedLines(whole, content);
  const count = (of: "removed" | "added") => lines.reduce((sum, hunk) => sum + hunk[of].length, 0);
  return {
    ...file("its content", `${count("removed")} planned lines are missing, ${count("added")} others are there`),
    lines,
  };
}

function sysctlDrift({ name: step }: Step, key: string, value: string, answers: Answers): Drift[] {
  const [now = "", boot = ""] = answers.of(`sysctl ${key}`);
  const same = (found: string) => found.split(/\s+/).join(" ") === value.split(/\s+/).join(" ");
  const drift = (planned: string, found: string) => ({ step, kind: "sysctl", name: key, planned, found }) as const;
  const [, atBoot, file] = /^(.*) (\S+)$/.exec(boot) ?? [];
  return [
    ...(same(now) ? [] : [drift(value, now === "" ? "the kernel has no such key" : now)]),
    ...(atBoot === undefined || same(atBoot)
      ? []
      : [drift(`${value} at the next start`, `${atBoot} at the next start, by ${file}`)]),
  ];
}

/** A module that modprobe does not know is built into the kernel, as the step itself takes it. */
function moduleDrift({ name: step }: Step, name: string, answers: Answers): Drift[] {
  const [found] = answers.of(`module ${name}`);
  return found === "loadable" ? [{ step, kind: "module", name, planned: "loaded", found: "not loaded" }] : [];
}

function serviceDrift({ name: step }: Step, name: string, answers: Answers): Drift[] {
  const [found = "unknown unknown"] = answers.of(`service ${name}`);
  return found === "enabled active" ? [] : [{ step, kind: "service", name, planned: "enabled active", found }];
}

function versionDrift(spec: ClusterSpec, answers: Answers): Drift[] {
  return versionsOf(spec).flatMap(([name, planned]) => {
    const [line = ""] = answers.of(`version ${name}`);
    const found = /v\d+\.\d+\.\d+\S*/.exec(line)?.[0] ?? (line || "it does not run");
    return found === planned ? [] : [{ step: "system", kind: "version", name, planned, found } as const];
  });
}
