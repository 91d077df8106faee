/** How the hosts were before dualstack first touched them: kept in a file, since every test file runs by itself. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LAB_FOLDER } from "./harness";

const FILE = join(LAB_FOLDER, "bare.json");

export function rememberBare(states: Record<string, string>): void {
  writeFileSync(FILE, JSON.stringify(states));
}

export function bare(): Record<string, string> {
  return JSON.parse(readFileSync(FILE, "utf8"));
}
