/**
 * What tests ask for beside what the lab gets for itself, and what hermetic tests ask for before it does: Kubernetes, and the files of
 * other projects that can be had. Installed or made before the first test, where that is ours to do. Writes the folders to put before
 * PATH into the file that it is given.
 */
import { writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { everyFile } from "../addons/catalogue";
import { LAB_SPEC } from "../lab";
import { obtain } from "../lab/artefact";
import { kubernetesArtefact } from "../lab/downloads";
import { findHelm } from "../lab/helm";
import { readLabSpec } from "../lab/home";
import { createLog } from "../lab/log";
import { announceOn, needPrograms } from "../lab/packages";
import { missing, upstreamWith } from "./contract/fixture/upstream";

async function main([file]: string[]): Promise<void> {
  const log = createLog();
  announceOn(log);
  await needPrograms("git", "pgrep", "python3", "ssh-keygen");
  await obtain(log, kubernetesArtefact(readLabSpec(LAB_SPEC).spec.kubernetes.version));
  const folders = (await findHelm(log)).map((folder) => folder + delimiter).join("");
  writeFileSync(file!, folders);
  process.env.PATH = folders + process.env.PATH;
  await upstreamWith(everyFile().filter((one) => missing(one) === undefined));
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
