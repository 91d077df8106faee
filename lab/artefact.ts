/**
 * Things that are made once and kept in the cache. A thing is made in a temporary folder and moved into place when it
 * is whole, so what a killed run leaves is never taken for a good one.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Log, seconds } from "./log";
import { CACHE } from "./paths";

/** One way to get a thing, best first. */
export interface Way {
  /** What the log says when this way was taken: "downloaded", "built from Go modules". */
  readonly how: string;
  /** Fills the empty `folder`; throws where this way is closed, and the next one is tried. */
  make(folder: string): Promise<void>;
}

/** A thing in the cache, known by name, version and recipe. */
export interface Artefact {
  readonly name: string;
  readonly version: string;
  /** Everything else that decides what is made; another recipe is another folder. */
  readonly recipe: unknown;
  readonly ways: readonly Way[];
}

/** A way that is closed here; the message is the reason, short enough for one line. */
export class WayClosed extends Error {}

const ORIGIN = ".origin";

/** The folder in which `artefact` is or will be. */
export function folderOf({ name, version, recipe }: Omit<Artefact, "ways">): string {
  const digest = createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 10);
  return join(CACHE, `${name}-${version}-${digest}`);
}

/** How the artefact in `folder` was made: the text of its log line. */
export function originOf(folder: string): string {
  return readFileSync(join(folder, ORIGIN), "utf8");
}

/** The folder of `artefact`, made by the first way that is open if it is not in the cache yet. */
export async function obtain(log: Log, artefact: Artefact): Promise<string> {
  const title = `${artefact.name} ${artefact.version}`;
  const folder = folderOf(artefact);
  if (existsSync(join(folder, ORIGIN))) {
    log.line(`${title}: in the cache (${originOf(folder)})`);
    return folder;
  }
  const closed: string[] = [];
  for (const way of artefact.ways) {
    const start = Date.now();
    const temporary = temporaryFolder(artefact.name);
    try {
      await log.during(title, () => way.make(temporary));
      writeFileSync(join(temporary, ORIGIN), way.how);
      moveIntoPlace(temporary, folder);
      log.line(`${title}: ${way.how}${closed.length > 0 ? ` (${closed.join("; ")})` : ""}, ${seconds(start)}`);
      return folder;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      closed.push(error instanceof WayClosed ? reason : `not ${way.how}: ${reason}`);
    } finally {
      remove(temporary);
    }
  }
  throw new Error(`${title} cannot be had:\n${closed.map((reason) => `- ${reason}`).join("\n")}`);
}

/** An empty folder for work in progress on the cache's file system; named by this process, so that leftovers are known. */
export function temporaryFolder(name: string): string {
  const root = join(CACHE, "tmp");
  mkdirSync(root, { recursive: true });
  for (const entry of readdirSync(root)) {
    if (!existsSync(`/proc/${entry.split("-", 1)[0]}`)) remove(join(root, entry));
  }
  const folder = join(root, `${process.pid}-${name}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(folder);
  return folder;
}

function moveIntoPlace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const other = (error as NodeJS.ErrnoException).code;
    if (other !== "ENOTEMPTY" && other !== "EEXIST") throw error; // else another run was faster with the same thing
  }
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
