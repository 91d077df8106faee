/**
 * Files of other projects that a lab's add-ons need, where the projects' sites cannot be reached: out of their Go modules, which hold
 * the whole repository. They go into the cache in which a plan looks, and are what the catalogue pins, or nothing. Of a chart a
 * repository has the folder: the archive that is published of it holds the time of its packing, so its own digest cannot be had.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { addons } from "../addons";
import type { Pinned } from "../addons/catalogue";
import { digestOf, folderOf, MIRROR_SETTING, treeDigest } from "../live/upstream";
import type { ClusterSpec } from "../spec";
import { WayClosed } from "./artefact";
import { makeWritable, moduleFolder } from "./build/go";
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

/** The module of each repository of charts, and where a chart is in it. */
const CHARTS: readonly [repository: string, module: string, folder: string][] = [
  ["https://helm.cilium.io/cilium-", "github.com/cilium/cilium", "install/kubernetes/cilium"],
];

/** The module that holds the file, such as `example.org/m@v1.2.3`, and its place there; undefined where none is known. */
export function moduleOf({ url }: Pinned): { readonly main: string; readonly path: string } | undefined {
  const chart = CHARTS.find(([repository]) => url.startsWith(repository));
  if (chart !== undefined) {
    const [repository, module, path] = chart;
    return { main: `${module}@v${url.slice(repository.length).replace(/\.tgz$/, "")}`, path };
  }
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

/** Is the file in the cache, as the catalogue pins it, or the folder of a chart? */
export function isInCache(pinned: Pinned): boolean {
  const { tree } = pinned;
  if (existsSync(inCache(pinned)) && digestOf(inCache(pinned)) === pinned.sha256) return true;
  return tree !== undefined && existsSync(folderInCache(pinned)) && treeDigest(folderInCache(pinned)) === tree;
}

const folderInCache = (pinned: Pinned) => join(CACHE, "upstream", folderOf(pinned));

/** The first file that the plan asks for and the cache has not. */
function firstMissing(spec: ClusterSpec): Pinned | undefined {
  let missing: Pinned | undefined;
  const miss = (pinned: Pinned): never => {
    missing = pinned;
    throw new Error(`${pinned.path} is not in the cache`);
  };
  const file = (pinned: Pinned) => (isInCache(pinned) ? readFileSync(inCache(pinned), "utf8") : miss(pinned));
  const chart = (pinned: Pinned) => (isInCache(pinned) ? "" : miss(pinned));
  try {
    addons({ ...spec, patches: [] }, { file, chart }); // Helm need not be here yet, so there is nothing to patch
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

/** Puts the file into the cache, or the folder of a chart, out of its module. Throws Error where it is in none, or is not what is pinned. */
export async function fromModule(log: Log, pinned: Pinned): Promise<void> {
  const { path, sha256, tree } = pinned;
  const module = moduleOf(pinned);
  if (module === undefined) throw new Error(`${path}: no Go module is known that holds it`);
  const from = join(await moduleFolder(module.main), module.path);
  const found = tree === undefined ? digestOf(from) : treeDigest(from);
  if (found !== (tree ?? sha256))
    throw new Error(`${path}: in ${module.main} its SHA-256 is ${found}, and the catalogue pins ${tree ?? sha256}`);
  const to = tree === undefined ? inCache(pinned) : folderInCache(pinned);
  const part = `${to}.${process.pid}`;
  mkdirSync(dirname(to), { recursive: true });
  if (tree === undefined) copyFileSync(from, part);
  else copyFolder(from, part);
  rmSync(to, { recursive: true, force: true }); // one that is not what is pinned
  renameSync(part, to);
  log.line(`${path}: out of the Go module ${module.main}`);
}

function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  makeWritable(to);
}
