/** The picture of a cluster as a file, and the results that it can show. */
import { readFileSync, writeFileSync } from "node:fs";
import { clusterPage, type Outcome } from "../plan/page";
import type { ClusterPlan } from "../plan/plan";
import type { Problem } from "../spec";

/** Writes the page of `plan` to `file`. */
export function writePicture(
  file: string,
  plan: ClusterPlan,
  warnings: readonly Problem[],
  outcomes?: readonly Outcome[],
): void {
  const lines = warnings.map(({ path, message }) => `${path}: ${message}`);
  writeFileSync(file, clusterPage(plan, { warnings: lines, ...(outcomes && { outcomes }) }));
  process.stderr.write(`picture written to ${file}\n`);
}

/** The results in a file that `dualstack verify --json` wrote. Throws Error when it holds something else. */
export function readOutcomes(file: string): Outcome[] {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: cannot be read as results: ${(error as Error).message}`);
  }
  const { results } = (found ?? {}) as { results?: unknown };
  if (Array.isArray(results) && results.every((one) => typeof one?.id === "string" && typeof one.ok === "boolean")) {
    return results;
  }
  throw new Error(`${file}: these are not the results of a verification: write them with \`dualstack verify --json\``);
}
