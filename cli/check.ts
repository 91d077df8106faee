/** `dualstack check SPEC`: says whether a spec is valid, without touching a host. */
import type { Command } from "commander";
import { type ClusterSpec, loadSpec, type Problem, renderProblems, SpecError } from "../spec";

/** Exit code of a spec with mistakes. */
const MISTAKES = 2;

/** Adds the command. It exits with 0, or with 2 when the spec has mistakes; warnings change nothing about that. */
export function registerCheck(program: Command): void {
  program
    .command("check")
    .description("validate a spec: all mistakes at once, without touching a host")
    .argument("<spec>", "YAML file of an environment")
    .option("--json", "print the mistakes and warnings as JSON on standard output")
    .addHelpText("after", `\nExit codes: 0 the spec is valid, ${MISTAKES} it has mistakes.`)
    .action((file: string, options: { json?: true }) => {
      const result = checkFile(file);
      if (options.json) process.stdout.write(`${JSON.stringify(toJson(file, result), null, 2)}\n`);
      else print(file, result);
      if (result.spec === undefined) process.exitCode = MISTAKES;
    });
}

interface Result {
  /** undefined when there are errors among the problems. */
  readonly spec: ClusterSpec | undefined;
  readonly problems: readonly Problem[];
}

function checkFile(file: string): Result {
  try {
    const { spec, warnings } = loadSpec(file);
    return { spec, problems: warnings };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return { spec: undefined, problems: error.problems };
  }
}

function print(file: string, { spec, problems }: Result): void {
  if (problems.length > 0) process.stderr.write(`${renderProblems(file, problems)}\n`);
  if (spec !== undefined) process.stdout.write(`${summary(file, spec)}\n`);
}

function toJson(file: string, { spec, problems }: Result): object {
  const of = (severity: Problem["severity"]) => problems.filter((problem) => problem.severity === severity);
  return { file, valid: spec !== undefined, errors: of("error"), warnings: of("warning") };
}

/** `lab.yaml: valid: cluster lab, 1 control plane and 2 workers, ipv4 + ipv6, Kubernetes 1.36.3` */
function summary(file: string, { name, hosts, network, kubernetes }: ClusterSpec): string {
  const count = (role: string) => hosts.filter((host) => host.role === role).length;
  const [planes, workers] = [count("control-plane"), count("worker")];
  const machines = `${plural(planes, "control plane")} and ${plural(workers, "worker")}`;
  const families = network.families.join(" + ");
  return `${file}: valid: cluster ${name}, ${machines}, ${families}, Kubernetes ${kubernetes.version}`;
}

function plural(count: number, thing: string): string {
  return count === 1 ? `1 ${thing}` : `${count} ${thing}s`;
}
