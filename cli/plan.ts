/** `dualstack plan SPEC`: the addresses that follow, then every file, manifest and check, without touching a host. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import pc from "picocolors";
import { Files } from "../live/upstream";
import { type AddressPlan, addressPlan, renderAddresses } from "../plan/addresses";
import { planCluster } from "../plan/plan";
import { planTree } from "../plan/tree";
import { loadUntrusted, UNPINNED } from "../spec";
import { readOutcomes, writePicture } from "./picture";

interface PlanFlags {
  readonly out?: string;
  readonly addresses?: true;
  readonly json?: true;
  readonly html?: string;
  readonly results?: string;
}

export function registerPlan(program: Command): void {
  program
    .command("plan")
    .description("show the addresses, every file, manifest and check of a spec, without touching a host")
    .argument("<spec>", "YAML file of an environment")
    .option("--addresses", "show the addresses only: nodes, ranges and what is left of them, API, certificate")
    .option("--json", "with --addresses: as JSON")
    .option("--out <dir>", "write all as a tree of files into this folder instead")
    .option("--html <file>", "write a picture of it all instead: one page for a browser")
    .option("--results <file>", "with --html: what `dualstack verify --json` printed")
    .action((file: string, { out, addresses, json, html, results }: PlanFlags) => {
      const { spec, warnings } = loadUntrusted(file, UNPINNED);
      if (html !== undefined) {
        writePicture(
          html,
          planCluster(spec, new Files(spec.mirror)),
          warnings,
          results === undefined ? undefined : readOutcomes(results),
        );
        return;
      }
      const plan = addressPlan(spec);
      if (addresses) {
        process.stdout.write(json ? toJson(plan) : renderAddresses(plan));
        return;
      }
      const tree = new Map([
        ["addresses.txt", renderAddresses(plan)],
        ...planTree(planCluster(spec, new Files(spec.mirror))),
      ]);
      for (const [path, text] of tree) {
        if (out === undefined) process.stdout.write(`${pc.bold(`--- ${path}`)}\n${text}\n`);
        else write(join(out, path), text);
      }
      if (out !== undefined) process.stderr.write(`${tree.size} files written to ${out}\n`);
    });
}

/** Counts can be beyond what a JSON number holds exactly, so they are text. */
function toJson(plan: AddressPlan): string {
  return `${JSON.stringify(plan, (_, value) => (typeof value === "bigint" ? value.toString() : value), 2)}\n`;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
