/**
 * Things that are made once and kept in the cache. A thing is made in a temporary folder and moved into place when it
 * is whole, so what a killed run leaves is never taken for a good one.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { type Log, seconds } from "./log";
import { CACHE } from "./paths";
import { inTurn } from "./turns";

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

/** How a thing was made; its modification time is when a lab last asked for the thing. */
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

/** The folder of `artefact`, made by the first way that is open if it is not in the cache yet; of several labs that want it one makes it. */
export async function obtain(log: Log, artefact: Artefact): Promise<string> {
  const folder = folderOf(artefact);
  const title = `${artefact.name} ${artefact.version}`;
  const isMade = () => touch(join(folder, ORIGIN));
  const inCache = async () => {
    if (isMade()) return true;
    await make(log, artefact, folder);
    return false;
  };
  const lock = join(CACHE, "locks", basename(folder));
  if (isMade() || (await log.during(title, () => inTurn(inCache, lock)))) {
    log.line(`${title}: in the cache (${originOf(folder)})`);
  }
  return folder;
}

/** What of the cache no lab has asked for since `time`: folders. */
export function unusedSince(time: Date): string[] {
  const folders = existsSync(CACHE) ? readdirSync(CACHE).map((name) => join(CACHE, name)) : [];
  return folders.filter((folder) => {
    const origin = statSync(join(folder, ORIGIN), { throwIfNoEntry: false });
    return origin !== undefined && origin.mtime < time;
  });
}

/** Gives `file` the time of now; false where there is none. */
function touch(file: string): boolean {
  if (!existsSync(file)) return false;
  utimesSync(file, new Date(), new Date());
  return true;
}

async function make(log: Log, { name, version, ways }: Artefact, folder: string): Promise<void> {
  const title = `${name} ${version}`;
  const closed: string[] = [];
  for (const way of ways) {
    const start = Date.now();
    const temporary = temporaryFolder(name);
    try {
      await way.make(temporary);
      writeFileSync(join(temporary, ORIGIN), way.how);
      renameSync(temporary, folder);
      log.line(`${title}: ${way.how}${closed.length > 0 ? ` (${closed.join("; ")})` : ""}, ${seconds(start)}`);
      return;
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

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
