/**
 * Files of other projects that a lab's add-ons need, where the projects' sites cannot be reached: out of their Go modules, which hold
 * the whole repository. They go into the cache in which a plan looks, and are what the catalogue pins, or nothing.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { addons } from "../addons";
import type { Pinned } from "../addons/catalogue";
import { digestOf, MIRROR_SETTING } from "../live/upstream";
import type { ClusterSpec } from "../spec";
import { WayClosed } from "./artefact";
import { moduleFolder } from "./build/go";
import { needSite } from "./download";
import type { Log } from "./log";
import { CACHE } from "./paths";

const RAW = "https://raw.githubusercontent.com";

/** The module of each repository; the rest of a file's address is the release, which is the module's version, and its path. */
const MODULES: readonly [repository: string, module: string][] = [
  [`${RAW}/metallb/metallb/`, "go.universe.tf/metallb"],
  [`${RAW}/kubernetes-sigs/gateway-api/`, "sigs.k8s.io/gateway-api"],
  [`${RAW}/envoyproxy/gateway/`, "github.com/envoyproxy/gateway"],
];

/** The module that holds the file, such as `example.org/m@v1.2.3`, and its place there; undefined where none is known. */
export function moduleOf({ url }: Pinned): { readonly main: string; readonly path: string } | undefined {
  const known = MODULES.find(([repository]) => url.startsWith(repository));
  if (known === undefined) return undefined;
  const [repository, module] = known;
  const [release, ...within] = url.slice(repository.length).split("/");
  return { main: `${module}@${release}`, path: within.join("/") };
}

/**
 * Sees to it that the plan of `spec` finds its files: those that it would download and cannot come from modules. A mirror that the
 * user has chosen is theirs to fill, and what is in no module the plan itself asks for, with its own words.
 */
export async function provideUpstream(log: Log, spec: ClusterSpec): Promise<void> {
  if (spec.mirror !== undefined || process.env[MIRROR_SETTING]) return;
  for (let missing = firstMissing(spec); missing !== undefined; missing = firstMissing(spec)) {
    if (moduleOf(missing) === undefined || (await isReachable(missing))) return;
    await fromModule(log, missing);
  }
}

/** Where the plan looks for a file before it asks the file's project (live/upstream.ts). */
const inCache = ({ path }: Pinned) => join(CACHE, "upstream", path);

/** Is the file in the cache, as the catalogue pins it? */
export function isInCache(pinned: Pinned): boolean {
  return existsSync(inCache(pinned)) && digestOf(inCache(pinned)) === pinned.sha256;
}

/** The first file that the plan asks for and the cache has not. */
function firstMissing(spec: ClusterSpec): Pinned | undefined {
  let missing: Pinned | undefined;
  const miss = (pinned: Pinned): never => {
    missing = pinned;
    throw new Error(`${pinned.path} is not in the cache`);
  };
  const file = (pinned: Pinned) => (isInCache(pinned) ? readFileSync(inCache(pinned), "utf8") : miss(pinned));
  try {
    addons(spec, { file, chart: miss });
    return undefined;
  } catch (error) {
    if (missing === undefined) throw error;
    return missing;
  }
}

async function isReachable({ url }: Pinned): Promise<boolean> {
  try {
    await needSite(new URL(url).host);
    return true;
  } catch (error) {
    if (error instanceof WayClosed) return false;
    throw error;
  }
}

/** Puts the file into the cache, out of its module. Throws Error where it is in none, or is not what is pinned. */
export async function fromModule(log: Log, pinned: Pinned): Promise<void> {
  const { path, sha256 } = pinned;
  const module = moduleOf(pinned);
  if (module === undefined) throw new Error(`${path}: no Go module is known that holds it`);
  const from = join(await moduleFolder(module.main), module.path);
  const found = digestOf(from);
  if (found !== sha256)
    throw new Error(`${path}: in ${module.main} its SHA-256 is ${found}, and the catalogue pins ${sha256}`);
  const to = inCache(pinned);
  const part = `${to}.${process.pid}`;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, part);
  renameSync(part, to);
  log.line(`${path}: out of the Go module ${module.main}`);
}
