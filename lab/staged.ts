/**
 * The staged folder of one lab: what its hosts see at the place that the spec names. It stays the same folder while what is in it
 * changes with the spec, as on a host of one's own: that is how a lab's cluster gets another release.
 */
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { Home } from "./home";
import { CACHE } from "./paths";

const ROOT = join(CACHE, "staged");
/** Which stage is in a folder; written last, so that a half-filled one is filled again. */
const MARK = ".stage";

/** Has the lab's folder hold what is in `stage`, an artefact; gives the folder. Hard links take no room twice. */
export function keepStaged({ name }: Pick<Home, "name">, stage: string): string {
  const folder = join(ROOT, name);
  mkdirSync(folder, { recursive: true });
  if (markOf(folder) === basename(stage)) return folder;
  rmSync(join(folder, MARK), { force: true });
  for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true });
  linkTree(stage, folder);
  writeFileSync(join(folder, MARK), basename(stage));
  return folder;
}

/** Takes the lab's folder away. */
export function dropStaged(name: string): void {
  rmSync(join(ROOT, name), { recursive: true, force: true });
}

function markOf(folder: string): string | undefined {
  return readdirSync(folder).includes(MARK) ? readFileSync(join(folder, MARK), "utf8") : undefined;
}

function linkTree(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.isFile()) linkSync(source, target);
    else {
      mkdirSync(target);
      linkTree(source, target);
    }
  }
}
