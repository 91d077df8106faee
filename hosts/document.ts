/**
 * What a step sends to a host on standard input: a constant script, then its document. The document is plain text, so a
 * changed file is a readable line diff in `pulumi preview`; the script reads it as data and never lets a shell parse it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One file as it will be on the host, owned by root. */
export interface PlannedFile {
  readonly path: string;
  /** Octal, such as `0644`. */
  readonly mode: "0644" | "0600" | "0755";
  /** What the script does when the file changed: a name that its `due` asks for. */
  readonly handler:
    | "modules"
    | "sysctl"
    | "network"
    | "runtime"
    | "kubeadm"
    | "control-plane"
    | "virtual-address"
    | "certificate"
    | "kubelet"
    | "kube-proxy"
    | "none";
  readonly text: string;
}

export type StepName = "network" | "system" | "kubernetes";

/** One idempotent step on one host: the files it brings in place and the values its script asks for. */
export interface Step {
  readonly name: StepName;
  readonly files: readonly PlannedFile[];
  /** Name and value pairs; a name may come several times. */
  readonly values: readonly (readonly [name: string, value: string])[];
}

/** The files of scripts/ that make up a step, after the common one. */
const PARTS: { readonly [name in StepName]: readonly string[] } = {
  network: ["window", "back", "aside", "managers", "network"],
  system: ["programs", "system"],
  kubernetes: ["kube-proxy", "programs", "upgrade", "reconfigure", "virtual-address", "kubernetes"],
};

const scripts = new Map<StepName, string>();

/** The constant shell script of a step, without its comment lines. */
export function script(name: StepName): string {
  const known = scripts.get(name);
  if (known !== undefined) return known;
  const text = ["common", ...PARTS[name]]
    .map((part) => readFileSync(join(__dirname, "scripts", `${part}.sh`), "utf8"))
    .join("\n")
    .split("\n")
    .filter((line) => !/^\s*(#.*)?$/.test(line))
    .join("\n");
  scripts.set(name, text);
  return text;
}

/**
 * The step as text for standard input of `bash -s apply` or `bash -s remove`.
 * @throws Error if a path or value holds a line break or blank where the document's lines cannot carry it.
 */
export function print(step: Step): string {
  return `${script(step.name)}\nmain "$@"; exit\n${printDocument(step)}`;
}

/** The document alone: what people read in a plan. */
export function printDocument(step: Step): string {
  const lines = [`step ${step.name}`];
  for (const [name, value] of step.values) {
    if (/[\n\r]/.test(value)) throw new Error(`value ${name} of step ${step.name} has a line break`);
    lines.push(`set ${name} ${value}`);
  }
  for (const file of step.files) {
    if (/[^\w./@:+-]/.test(file.path)) throw new Error(`path ${JSON.stringify(file.path)} cannot be planned`);
    lines.push(`file ${file.path} ${file.mode} ${file.handler}`);
    lines.push(`  ${file.text.replace(/\n$/, "").replaceAll("\n", "\n  ")}`);
  }
  return `${lines.join("\n")}\nend\n`;
}
