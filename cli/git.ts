/** Texts of earlier revisions, by git itself; arguments are never read by a shell. */
import { spawnSync } from "node:child_process";
import { relative, sep } from "node:path";

export interface Range {
  /** Full names of commits. */
  readonly from: string;
  readonly to: string;
}

/** `A..B`; `A...B` begins where B left A; a missing side is HEAD. undefined: not the form of a range. */
export function parseRange(text: string): Range | undefined {
  const match = /^(.*?)(\.{2,3})(.*)$/.exec(text);
  if (match === null || text.includes("/../") || text.startsWith("../")) return undefined;
  const [, left = "", dots = "", right = ""] = match;
  const [from, to] = [commit(left || "HEAD"), commit(right || "HEAD")];
  return { from: dots === "..." ? git("merge-base", from, to).trim() : from, to };
}

/** The text of `file` in a revision; undefined when it is not there. */
export function showFile(revision: string, file: string): string | undefined {
  const object = `${revision}:./${here(file)}`;
  return run("cat-file", "-e", object).status === 0 ? git("show", object) : undefined;
}

/** The files of `folder` (not of folders in it) in a revision, by their names, sorted; none when it is not there. */
export function listFiles(revision: string, folder: string): string[] {
  const object = `${revision}:./${here(folder)}`;
  if (run("cat-file", "-e", object).status !== 0) return [];
  // <mode> SP <type> SP <object> TAB <file> NUL
  const entries = git("ls-tree", "-z", object).split("\0").filter(Boolean);
  return entries.flatMap((entry) => (/^\d+ blob /.test(entry) ? [entry.slice(entry.indexOf("\t") + 1)] : [])).sort();
}

function here(path: string): string {
  return relative(process.cwd(), path).split(sep).join("/");
}

function commit(revision: string): string {
  return git("rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`).trim();
}

function git(...args: string[]): string {
  const { status, stdout, stderr, error } = run(...args);
  if (error !== undefined) throw new Error(`git cannot be run: ${error.message}`);
  if (status === 0) return stdout;
  const said = stderr.trim().split("\n")[0] || "no such revision here; is the history there (fetch-depth: 0)?";
  throw new Error(`git ${args.join(" ")}: ${said}`);
}

function run(...args: string[]) {
  return spawnSync("git", args, { encoding: "utf8", maxBuffer: 16_000_000 });
}
