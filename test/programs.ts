/**
 * What tests ask for beside what the lab gets for itself, and Kubernetes, which hermetic tests ask for before it: installed or made
 * before the first of them, where that is ours to do. Writes the folders to put before PATH into the file that it is given.
 */
import { writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { LAB_SPEC } from "../lab";
import { obtain } from "../lab/artefact";
import { kubernetesArtefact } from "../lab/downloads";
import { findHelm } from "../lab/helm";
import { readLabSpec } from "../lab/home";
import { createLog } from "../lab/log";
import { announceOn, needPrograms } from "../lab/packages";

async function main([file]: string[]): Promise<void> {
  const log = createLog();
  announceOn(log);
  await needPrograms("git", "pgrep", "python3", "ssh-keygen");
  await obtain(log, kubernetesArtefact(readLabSpec(LAB_SPEC).spec.kubernetes.version));
  writeFileSync(file!, (await findHelm(log)).map((folder) => folder + delimiter).join(""));
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
