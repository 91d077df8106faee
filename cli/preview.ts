/** `dualstack preview ENV`: what a change does to what runs, by the spec that the stack keeps and by `pulumi preview`, and what drifted. */

import type { Command } from "commander";
import pc from "picocolors";
import { exitCode, renderText, toJson } from "../plan/diff";
import { renderDrift } from "../plan/drift";
import { agreementText } from "./preview/agree";
import { look, type Seen } from "./preview/look";
import { environmentOf } from "./up/environment";

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
