/**
 * Real files of other projects. They are in no checkout: DUALSTACK_UPSTREAM_MIRROR names a folder with them, as `dualstack vendor` fills
 * one, or with some of them; others may be in the cache, from which plans read. A test whose files are not here skips, and its title says so.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Pinned } from "../addons/catalogue";
import type { Upstream } from "../addons/upstream";
import { isInCache } from "../lab/upstream";
import { Files, MIRROR_SETTING } from "../live/upstream";

export const mirror = process.env[MIRROR_SETTING] || undefined;

export const isInMirror = ({ path }: Pinned) => mirror !== undefined && existsSync(join(mirror, path));
export const hasHelm = () => spawnSync("helm", ["version"], { stdio: "ignore" }).error === undefined;

/** Is this file to be had here, and for a chart Helm too? */
export function isHere(pinned: Pinned): boolean {
  return (isInMirror(pinned) || isInCache(pinned)) && (!pinned.path.endsWith(".tgz") || hasHelm());
}

/** Why tests of `files` do not run, for the end of their titles; empty where they do. */
export function why(...files: readonly Pinned[]): string {
  const missing = files.filter((one) => !isHere(one)).map(({ path }) => path);
  if (missing.length === 0) return "";
  return `: not run, ${MIRROR_SETTING} names no folder with ${missing[0]}${missing.length > 1 ? ` and ${missing.length - 1} more` : ""}, or Helm is not installed`;
}

/** `test` and `describe` where all files are here, else their `skip`. */
export const testWith = (...files: readonly Pinned[]) => (files.every(isHere) ? test : test.skip);
export const describeWith = (...files: readonly Pinned[]) => (files.every(isHere) ? describe : describe.skip);

const from = (pinned: Pinned) => new Files(isInMirror(pinned) ? mirror : undefined, undefined, cacheOnly());
/** The product's own setting would hide the cache. */
const cacheOnly = () => ({ ...process.env, [MIRROR_SETTING]: "" });

/** The real files, those that are here. */
export const REAL: Upstream = {
  file: (pinned) => from(pinned).file(pinned),
  chart: (pinned, rendering) => from(pinned).chart(pinned, rendering),
};
