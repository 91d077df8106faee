/** `dualstack up ENV`, `dualstack destroy ENV`: a run of Pulumi that people can watch, stop and go on with. */

import type { Command } from "commander";
import pc from "picocolors";
import { Files } from "../live/upstream";
import { type Diff, diffSpecs, exitCode, renderText } from "../plan/diff";
import { ask } from "./up/ask";
import { type Environment, environmentOf, type Known, knownOf, makeStack } from "./up/environment";
import { lookBefore, stops, toldBefore, touchedHosts } from "./up/preflight";
import { changedSteps } from "./up/saving";
import { type Operation, work } from "./up/work";

interface Flags {
  readonly yes?: true;
  readonly json?: true;
  readonly skipPreflight?: true;
}

const PREFLIGHT =
  "\nBefore hosts that are new or have another plan are touched, every host is asked as `dualstack preflight` does: errors of theirs end here, warnings are told.\n";

const CODES =
  "\nExit codes: 0 done, 1 a host, a check or preflight failed, 2 a running cluster cannot take the change, or the spec has mistakes, 130 stopped by Ctrl-C, 137 killed.";

export function registerUp(program: Command): void {
  register(program, "up", "make the hosts of an environment a live, proven cluster");
  register(program, "destroy", "give the hosts of an environment back as they were");
}

function register(program: Command, operation: Operation, description: string): void {
  const command = program
    .command(operation)
    .description(description)
    .argument("<environment>", "its name: prod for stacks/prod.yaml")
    .option("--yes", "do not ask")
    .option("--json", "events as JSON, one a line (docs/up.schema.json)");
  if (operation === "up") command.option("--skip-preflight", "do not ask the hosts first");
  command
    .addHelpText("after", operation === "up" ? `${PREFLIGHT}${CODES}` : CODES)
    .action(async (name: string, { yes, json, skipPreflight }: Flags) => {
      const environment = environmentOf(name);
      const known = await knownOf(environment);
      if (operation === "destroy" && !known.stack)
        throw new Error(`${name}: there is no such stack, so nothing to destroy`);
      const diff = operation === "up" ? announce(environment, known, json === true) : undefined;
      if (diff === "refused") return;
      const touched = operation === "up" && !skipPreflight ? touchedHosts(environment.spec, diff) : [];
      if (touched.length > 0 && (await stands(environment, known, touched, json === true))) return;
      const question = operation === "up" ? "Apply it?" : giveBack(environment);
      if (!yes && !(await ask(question))) return;
      if (!known.stack) await makeStack(environment);
      await work(environment, operation, changedSteps(environment.spec, diff), json === true);
    });
}

function giveBack({ stack, spec }: Environment): string {
  if (spec.kind !== undefined) return `Delete the cluster ${spec.name} of kind?`;
  return `Give all ${spec.hosts.length} hosts of ${stack} back?`;
}

/** Asks the hosts, says what was found, and whether it stands in the way; then the exit code is set. */
async function stands(environment: Environment, known: Known, touched: readonly string[], json: boolean) {
  const looked = await lookBefore(environment, known.stack);
  const stopped = "found" in looked && stops(looked.found, touched);
  if (json) {
    const { findings, unreachable } = "found" in looked ? looked.found : { findings: [], unreachable: [] };
    const why = "skipped" in looked ? { skipped: looked.skipped } : {};
    tell({ event: "preflight", environment: environment.stack, stopped, findings, unreachable, ...why });
  } else if ("skipped" in looked) {
    process.stderr.write(`${pc.yellow("preflight skipped:")} ${looked.skipped}\n`);
  } else process.stderr.write(toldBefore(looked.found, stopped, environment.stack));
  if (stopped) process.exitCode = 1;
  return stopped;
}

const tell = (event: object) =>
  void process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);

/** Says what the change does; undefined when nothing can be said. */
function announce(
  { spec, stack }: Environment,
  { spec: running, why }: Known,
  json: boolean,
): Diff | "refused" | undefined {
  if (why !== undefined) {
    process.stderr.write(`${pc.yellow("warning:")} ${why}, so nothing can be said of what changes\n`);
    return undefined;
  }
  const diff = diffSpecs(running, spec, new Files(spec.mirror));
  const refused = exitCode(diff) === 2;
  if (refused) process.exitCode = 2;
  if (json) {
    const { changed, impact } = diff;
    const codes = diff.refused.map(({ code }) => code);
    tell({ event: "change", environment: stack, changed, impact, refused: codes, exitCode: exitCode(diff) });
  } else process.stderr.write(renderText(diff, pc));
  return refused ? "refused" : diff;
}
