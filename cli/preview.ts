/** `dualstack preview ENV`: what a change does to what runs, by the spec that the stack keeps and by `pulumi preview`, and what drifted. */

import type { Command } from "commander";
import pc from "picocolors";
import { Files } from "../live/upstream";
import { type Diff, diffSpecs, exitCode, renderText, toJson } from "../plan/diff";
import { type HostDrift, renderDrift } from "../plan/drift";
import { planCluster } from "../plan/plan";
import { loadSpec } from "../spec";
import { type Agreement, agreementText, compare } from "./preview/agree";
import { type Planned, Preview } from "./preview/planned";
import { runEngine } from "./up/engine";
import { type Environment, environmentOf, knownOf } from "./up/environment";

/** Exit code of a preview that could not be made; 0 to 2 are those of the diff. */
const UNKNOWN = 3;

export function registerPreview(program: Command): void {
  program
    .command("preview")
    .description("say what a change does to the cluster that runs: dualstack diff and pulumi preview, side by side")
    .argument("<environment>", "its name: prod for stacks/prod.yaml")
    .option("--drift", "also ask every host what on it is not as it was applied")
    .option("--json", "diff, preview and drift as JSON")
    .addHelpText(
      "after",
      "\nExit codes: 0 nothing changes, 1 something does, 2 a running cluster cannot take a change, or the spec has mistakes, 3 no preview could be made.",
    )
    .action(async (name: string, { drift, json }: { drift?: true; json?: true }) => {
      const seen = await look(environmentOf(name), drift === true);
      process.stdout.write(json ? machines(seen) : people(seen));
      process.exitCode = seen.problem === undefined || exitCode(seen.diff) === 2 ? exitCode(seen.diff) : UNKNOWN;
    });
}

interface Seen {
  readonly diff: Diff;
  readonly planned: Planned;
  readonly agreement: Agreement;
  /** What the engine said when it made no preview. */
  readonly problem?: string;
  readonly drift?: readonly HostDrift[];
}

async function look(environment: Environment, withDrift: boolean): Promise<Seen> {
  const known = await knownOf(environment);
  if (known.why !== undefined) throw new Error(`${known.why}: apply the change, or go back to that version`);
  const diff = diffSpecs(known.spec, environment.spec, new Files(environment.spec.mirror));
  const preview = new Preview();
  const none = { code: 0, stdout: "", stderr: "" };
  // a stack that is not there yet has no state to look at
  const [{ code, stdout, stderr }, drift] = await Promise.all([
    known.stack ? runEngine(environment, ["preview"], {}, (event) => preview.take(event)).ended : none,
    withDrift && known.spec !== undefined ? driftOf(environment, known.spec) : undefined,
  ]);
  const planned = preview.planned();
  const problem = code === 0 ? undefined : `${stdout}\n${stderr}`.trim();
  return { diff, planned, agreement: compare(diff, planned), ...(problem && { problem }), ...(drift && { drift }) };
}

/** Of the spec that runs, not of the one that is wanted. */
async function driftOf({ file }: Environment, running: Environment["spec"]): Promise<HostDrift[]> {
  const { readHosts } = require("../live/drift") as typeof import("../live/drift");
  const { credentialsOf } = require("../live/private-key") as typeof import("../live/private-key");
  const { hosts } = await readHosts(
    planCluster(running, new Files(running.mirror)),
    credentialsOf(loadSpec(file).spec),
  );
  return [...hosts];
}

function people({ diff, planned, agreement, problem, drift }: Seen): string {
  const refused = exitCode(diff) === 2;
  const engine = problem === undefined || refused ? "" : `${pc.red("pulumi preview failed:")}\n${problem}\n`;
  const parts = [renderText(diff, pc), engine || (refused ? "" : agreementText(agreement, planned))];
  return [...parts, ...(drift === undefined ? [] : [renderDrift(drift)])].filter(Boolean).join("\n");
}

function machines({ diff, planned, agreement, problem, drift }: Seen): string {
  const preview = problem === undefined ? { ...planned, ...agreement } : { problem };
  return `${JSON.stringify({ schema: 1, diff: JSON.parse(toJson(diff)), preview, ...(drift && { drift }) }, null, 2)}\n`;
}
