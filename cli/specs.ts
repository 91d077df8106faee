/** The environments of a folder: `NAME.yaml` is the spec of NAME; `Pulumi.NAME.yaml` is the configuration of its stack. */
import { listFiles } from "./git";

const SPEC = /^(?!Pulumi\.)([\w.-]+)\.ya?ml$/;

/** The environment that a file name stands for; undefined for other files. */
export function environmentOf(fileName: string): string | undefined {
  return SPEC.exec(fileName)?.[1];
}

/** File names of the specs in `folder` at two revisions, each once, sorted. */
export function specsOf(folder: string, ...revisions: readonly string[]): string[] {
  const names = revisions.flatMap((revision) => listFiles(revision, folder));
  return [...new Set(names)].filter((name) => environmentOf(name) !== undefined).sort();
}
