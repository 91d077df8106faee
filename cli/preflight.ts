/** `dualstack preflight SPEC`: looks at every host before anything is changed. */
import Table from "cli-table3";
import type { Command } from "commander";
import pc from "picocolors";
import { type Preflight, preflightCode, renderPreflight, toJson } from "../plan/preflight";
import { rows } from "../plan/preflight/text";
import { loadSpec } from "../spec";
import { needHosts } from "./with-hosts";

export function registerPreflight(program: Command): void {
  program
    .command("preflight")
    .description(
      "look at every host before anything is changed: system, addresses, clocks, ports, firewalls, and whether they reach one another",
    )
    .argument("<spec>", "YAML file of an environment")
    .option("--json", "print the findings as JSON on standard output (docs/preflight.schema.json)")
    .addHelpText("after", HELP)
    .action(async (file: string, flags: { json?: true }) => {
      const { spec } = loadSpec(file);
      needHosts(spec, "look at before");
      // loaded late: the other commands start faster without the SSH client
      const { preflight } = require("../live/preflight") as typeof import("../live/preflight");
      const { credentialsOf } = require("../live/private-key") as typeof import("../live/private-key");
      const found = await preflight(spec, credentialsOf(spec));
      process.stdout.write(flags.json ? toJson(found) : `${tableOf(found)}\n${renderPreflight(found)}`);
      process.exitCode = preflightCode(found);
    });
}

const HELP = `
Every host is asked in one connection and nothing on it is changed; hosts try to reach one another on every family.

Exit codes: 0 nothing stands in the way (there may be warnings), 1 there are errors, 2 the spec has mistakes, 3 a host could not be asked.`;

function tableOf(found: Preflight): string {
  const table = new Table({
    head: ["", "check", "hosts", "found"],
    style: { head: pc.isColorSupported ? ["bold"] : [], border: [], compact: true },
    colWidths: [null, null, 24, 60],
    wordWrap: true,
  });
  const paint: Record<string, (text: string) => string> = { ok: pc.green, ERROR: pc.red, warning: pc.yellow };
  for (const [state, ...rest] of rows(found)) table.push([(paint[state] ?? String)(state), ...rest]);
  return table.toString();
}
