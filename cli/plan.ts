/** `dualstack plan SPEC`: every file, manifest and check, without touching a host. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import pc from "picocolors";
import { planCluster } from "../plan/plan";
import { planTree } from "../plan/tree";
import { loadSpec } from "../spec";

export function registerPlan(program: Command): void {
  program
    .command("plan")
    .description("show every file, manifest and check of a spec, without touching a host")
    .argument("<spec>", "YAML file of an environment")
    .option("--out <dir>", "write them as a tree of files into this folder instead")
    .action((file: string, { out }: { out?: string }) => {
      const tree = planTree(planCluster(loadSpec(file).spec));
      for (const [path, text] of tree) {
        if (out === undefined) process.stdout.write(`${pc.bold(`--- ${path}`)}\n${text}\n`);
        else write(join(out, path), text);
      }
      if (out !== undefined) process.stderr.write(`${tree.size} files written to ${out}\n`);
    });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
