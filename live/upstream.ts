/**
 * Manifests and charts of other projects, read where the spec or the environment says and verified against the catalogue's digests.
 * A folder is read as it is; what comes from a URL is kept in the user's cache.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import type { Pinned } from "../addons/catalogue";
import type { Rendering, Upstream } from "../addons/upstream";
import { isUrl } from "../spec/mirror";

/** A mirror for every spec that names none: folder or URL. */
export const MIRROR_SETTING = "DUALSTACK_UPSTREAM_MIRROR";

/** Finds and verifies pinned files. */
export class Files implements Upstream {
  private readonly folder: string | undefined;
  private readonly site: string | undefined;
  private readonly cache: string;

  /** `mirror` is the spec's; `say` is told what is downloaded. */
  constructor(
    mirror?: string,
    private readonly say: (line: string) => void = tellOnError,
    private readonly env: NodeJS.ProcessEnv = process.env,
  ) {
    const chosen = mirror ?? (env[MIRROR_SETTING] || undefined);
    const url = chosen !== undefined && isUrl(chosen);
    this.folder = url ? undefined : chosen;
    this.site = url ? chosen.replace(/\/$/, "") : undefined;
    this.cache = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "dualstack", "upstream");
  }

  file(pinned: Pinned): string {
    return readFileSync(this.locate(pinned), "utf8");
  }

  chart(pinned: Pinned, rendering: Rendering): string {
    return helmTemplate(this.unpacked(pinned) ?? this.locate(pinned), rendering, this.env);
  }

  /** The chart's folder, where the cache has it as its project's repository does (lab/upstream.ts puts it there). */
  private unpacked(pinned: Pinned): string | undefined {
    const folder = join(this.cache, folderOf(pinned));
    const isRight = this.folder === undefined && existsSync(folder) && treeDigest(folder) === pinned.tree;
    return isRight ? folder : undefined;
  }

  /** The verified file on this machine. Throws Error with what to do. */
  locate(pinned: Pinned): string {
    if (this.folder !== undefined) return fromFolder(join(this.folder, pinned.path), this.folder, pinned);
    const file = join(this.cache, pinned.path);
    if (existsSync(file) && digestOf(file) === pinned.sha256) return file;
    const url = this.site === undefined ? pinned.url : `${this.site}/${pinned.path}`;
    this.say(`downloading ${pinned.path} from ${new URL(url).host}`);
    download(url, file, pinned, this.env);
    return file;
  }
}

function tellOnError(line: string): void {
  process.stderr.write(`${line}\n`);
}

const REMEDY =
  "'dualstack vendor DIR' on a machine that reaches the internet fills a folder for the spec's field mirror";

function fromFolder(file: string, folder: string, pinned: Pinned): string {
  if (!existsSync(file)) throw new Error(`${pinned.path} is not in the mirror ${folder}; ${REMEDY}`);
  verify(file, file, pinned);
  return file;
}

function verify(file: string, name: string, { sha256 }: Pinned): void {
  const found = digestOf(file);
  if (found === sha256) return;
  throw new Error(
    `${name}: its SHA-256 is ${found}, and the catalogue of dualstack pins ${sha256}; look at who changed it; ${REMEDY}`,
  );
}

/** SHA-256 of a file, hex. */
export function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** Where a chart lies in the cache as a folder. */
export const folderOf = ({ path }: Pinned) => path.replace(/\.tgz$/, "");

/** SHA-256, hex, of a list of all files in a folder, sorted by name, each line as `sha256sum` prints it. */
export function treeDigest(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))).sort();
  const lines = paths.map((path) => `${digestOf(join(folder, path))}  ${path}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/** Only a whole, verified file gets its name. curl knows proxies and ~/.netrc; the call is synchronous, as Pulumi's constructors are. */
function download(url: string, file: string, pinned: Pinned, env: NodeJS.ProcessEnv): void {
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.${process.pid}`;
  try {
    run("curl", [...CURL, "--output", part, "--", url], "", `${url} cannot be downloaded`, REMEDY, env);
    verify(part, url, pinned);
    renameSync(part, file);
  } finally {
    rmSync(part, { force: true });
  }
}

const CURL = [
  ...["--fail", "--silent", "--show-error", "--location", "--netrc-optional", "--proto", "=https,http"],
  ...["--connect-timeout", "10", "--max-time", "300", "--retry", "2"],
];

/** Helm reads the chart and its values, and asks no cluster. */
function helmTemplate(
  chart: string,
  { release, namespace, kubernetes, values }: Rendering,
  env: NodeJS.ProcessEnv,
): string {
  const flags = ["--include-crds", "--no-hooks", "--skip-tests", "--values", "-"];
  const args = ["template", release, chart, "--namespace", namespace, "--kube-version", kubernetes, ...flags];
  const what = `helm cannot make manifests of ${chart}`;
  return run("helm", args, JSON.stringify(values), what, "look at the values that helm names", env);
}

const LARGEST_OUTPUT = 64 * 1024 * 1024;

function run(
  program: string,
  args: readonly string[],
  input: string,
  what: string,
  todo: string,
  env: NodeJS.ProcessEnv,
): string {
  try {
    const options = { env, input, encoding: "utf8", maxBuffer: LARGEST_OUTPUT, stdio: "pipe" } as const;
    return execFileSync(program, args, options);
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT")
      throw new Error(`${what}: there is no program ${program} on this machine; ${INSTALL[program]}`);
    throw new Error(`${what}: ${stderr?.trim() || (error as Error).message}; ${todo}`);
  }
}

const INSTALL: { readonly [program: string]: string } = {
  curl: "install curl",
  helm: "install Helm 3.8 or newer (https://helm.sh/docs/intro/install)",
};
