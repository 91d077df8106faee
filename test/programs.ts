/**
 * What tests ask for beside what the lab gets for itself: installed or made before the first of them, where that is ours to do. Writes
 * the folders to put before PATH into the file that it is given.
 */
import { writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { findHelm } from "../lab/helm";
import { createLog } from "../lab/log";
import { announceOn, needPrograms } from "../lab/packages";

async function main([file]: string[]): Promise<void> {
  const log = createLog();
  announceOn(log);
  await needPrograms("git", "pgrep", "python3", "ssh-keygen");
  writeFileSync(file!, (await findHelm(log)).map((folder) => folder + delimiter).join(""));
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
