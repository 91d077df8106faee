/** `dualstack verify SPEC`: proves a live cluster on every family. */
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import { credentialsOf } from "../live/private-key";
import { Files } from "../live/upstream";
import { planCluster } from "../plan/plan";
import { loadSpec } from "../spec";
import { runDrift } from "./drift";
import { writePicture } from "./picture";

/** Exit code of a cluster that does not hold what its spec promises. */
const FAILED = 1;

export interface VerifyFlags {
  hosts?: true;
  json?: true;
  html?: string;
  kubeconfig?: string;
  patience: number;
}

export function registerVerify(program: Command): void {
  program
    .command("verify")
    .description("prove that a live cluster works on every family of its spec, or show what drifted on its hosts")
    .argument("<spec>", "YAML file of an environment")
    .option("--hosts", "instead of the proof: read every host in one connection and show what is not as planned")
    .option("--json", "print the results as JSON on standard output")
    .option("--html <file>", "also write a picture of the cluster with the results: one page for a browser")
    .option("--kubeconfig <file>", "use this instead of the one on the first control plane")
    .option("--patience <seconds>", "how long a check is tried again until it counts as failed", seconds, 60)
    .addHelpText(
      "after",
      `\nExit codes: 0 every check passed, ${FAILED} a check failed or the cluster cannot be reached, 2 the spec has mistakes.
With --hosts: 0 every host is as planned, 1 some drifted, 2 the spec has mistakes, 3 some could not be asked.
The JSON of --hosts is described by docs/drift.schema.json.`,
    )
    .action((file: string, flags: VerifyFlags) => (flags.hosts ? runDrift(file, flags) : runVerify(file, flags)));
}

function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write whole seconds, such as 60");
}

/** Runs the checks and prints them; sets the exit code. */
export async function runVerify(file: string, flags: VerifyFlags): Promise<void> {
  const { spec, warnings } = loadSpec(file);
  const plan = planCluster(spec, new Files(spec.mirror));
  // loaded late: the other commands need neither SSH nor the Kubernetes client, and start faster without
  const { readKubeconfig } = require("../live/cluster") as typeof import("../live/cluster");
  const { verify } = require("../live/verify") as typeof import("../live/verify");
  const { resultTable } = require("../live/results") as typeof import("../live/results");
  const credentials = credentialsOf(spec);
  const kubeconfig =
    flags.kubeconfig === undefined ? await readKubeconfig(plan, credentials) : readFileSync(flags.kubeconfig, "utf8");
  let done = 0;
  const results = await verify({
    plan,
    kubeconfig,
    credentials,
    patienceSeconds: flags.patience,
    onResult: ({ ok, title }) => {
      done++;
      if (process.stderr.isTTY)
        process.stderr.write(`\r\x1b[K${done}/${plan.checks.length} ${ok ? "ok" : "FAILED"} ${title}`.slice(0, 120));
    },
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  process.stdout.write(
    flags.json ? `${JSON.stringify({ spec: file, results }, null, 2)}\n` : `${resultTable(results)}\n`,
  );
  if (flags.html !== undefined) writePicture(flags.html, plan, warnings, results);
  if (results.some(({ ok }) => !ok)) process.exitCode = FAILED;
}
