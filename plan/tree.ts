/** A plan as a tree of files: what people read, what golden tests hold, what `dualstack plan --out` writes. Pure. */
import { objectName, type PlannedObject } from "../addons/objects";
import { toYaml } from "../hosts/serialize";
import { type ClusterPlan, type HostPlan, steps } from "./plan";
import { probeObjects } from "./probe";

/** Relative path to text, in the order in which things happen. */
export function planTree(plan: ClusterPlan): Map<string, string> {
  return new Map([
    ...plan.hosts.flatMap(hostFiles),
    ...(plan.kind === undefined ? [] : [["kind.yaml", plan.kind] as const]),
    ...plan.objects.map((planned, index): [string, string] => [
      `cluster/${String(index + 1).padStart(2, "0")}-${planned.mode}-${objectName(planned.object)}.yaml`,
      objectText(planned),
    ]),
    ["verification/checks.txt", plan.checks.map(({ id, title }) => `${id}: ${title}\n`).join("")],
    ["verification/objects.yaml", toYaml(...probeObjects(plan.spec))],
  ]);
}

/** What comes from files of this machine is told, and not shown. */
function objectText({ object, files = {} }: PlannedObject): string {
  const sources = Object.entries(files).map(([key, file]) => `# ${key}: what is in ${file}\n`);
  return toYaml(object) + sources.join("");
}

/** The files of a host as they will be there, and what each step does with them. */
function hostFiles(host: HostPlan): [string, string][] {
  const folder = `hosts/${host.host.name}`;
  const overview = steps(host).map(({ name, values, files }) => ({
    step: name,
    values: values.map(([key, value]) => `${key} ${value}`),
    files: files.map(({ path, mode, handler }) => `${mode} ${path} -> ${handler}`),
  }));
  return [
    [`${folder}/steps.yaml`, toYaml(overview)],
    ...steps(host).flatMap(({ files }) => files.map(({ path, text }): [string, string] => [`${folder}${path}`, text])),
  ];
}
