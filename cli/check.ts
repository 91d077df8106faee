/** `dualstack check SPEC`: says whether a spec is valid, without touching a host. */
import type { Command } from "commander";
import { plural } from "../plan/words";
import { type ClusterSpec, loadSpec, type Problem, renderProblems, SpecError } from "../spec";
import { type Refusal, refusedChanges, renderRefusals } from "../spec/changes";
import { nodesOf } from "../spec/nodes";

/** Exit code of a spec with mistakes. */
const MISTAKES = 2;

/** Adds the command. It exits with 0, or with 2 when the spec has mistakes; warnings change nothing about that. */
export function registerCheck(program: Command): void {
  program
    .command("check")
    .description("validate a spec: all mistakes at once, without touching a host")
    .argument("<spec>", "YAML file of an environment")
    .option("--against <spec>", "the spec of the running cluster: also refuse what cannot be changed in place")
    .option("--json", "print the mistakes and warnings as JSON on standard output")
    .addHelpText(
      "after",
      `\nExit codes: 0 the spec is valid, ${MISTAKES} it has mistakes, or changes that a running cluster cannot take.`,
    )
    .action((file: string, options: { json?: true; against?: string }) => {
      const result = checkFile(file);
      const refusals = compare(options.against, result.spec);
      if (options.json) process.stdout.write(`${JSON.stringify(toJson(file, result, refusals), null, 2)}\n`);
      else print(file, result, refusals ?? []);
      if (result.spec === undefined || (refusals ?? []).length > 0) process.exitCode = MISTAKES;
    });
}

/** undefined when there is nothing to compare with. A mistake in the running cluster's spec is thrown. */
function compare(against: string | undefined, wanted: ClusterSpec | undefined): Refusal[] | undefined {
  return against === undefined || wanted === undefined ? undefined : refusedChanges(loadSpec(against).spec, wanted);
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

function print(file: string, { spec, problems }: Result, refusals: readonly Refusal[]): void {
  if (problems.length > 0) process.stderr.write(`${renderProblems(file, problems)}\n`);
  process.stderr.write(renderRefusals(refusals));
  if (spec !== undefined && refusals.length === 0) process.stdout.write(`${summary(file, spec)}\n`);
}

function toJson(file: string, { spec, problems }: Result, refusals: readonly Refusal[] | undefined): object {
  const of = (severity: Problem["severity"]) => problems.filter((problem) => problem.severity === severity);
  const compared = refusals === undefined ? {} : { refused: refusals };
  return { file, valid: spec !== undefined, errors: of("error"), warnings: of("warning"), ...compared };
}

/** `lab.yaml: valid: cluster lab, 1 control plane and 2 workers, ipv4 + ipv6, Kubernetes 1.36.3` */
function summary(file: string, spec: ClusterSpec): string {
  const { name, network, kubernetes } = spec;
  const count = (role: string) => nodesOf(spec).filter((node) => node.role === role).length;
  const [planes, workers] = [count("control-plane"), count("worker")];
  const machines = `${plural(planes, "control plane")} and ${plural(workers, "worker")}`;
  const families = network.families.join(" + ");
  return `${file}: valid: cluster ${name}, ${machines}, ${families}, Kubernetes ${kubernetes.version}`;
}
