/**
 * Pulumi for the lab: the CLI and its Node.js language host, and the two provider plugins. Each is taken from where it is,
 * else downloaded; else the programs are built, and test doubles stand in for the plugins, which cannot be built.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { obtain } from "./artefact";
import { goArtefact } from "./build/go";
import { languageHostProgram, pulumiProgram } from "./build/programs";
import { needSite } from "./download";
import { tarball } from "./downloads";
import type { Home } from "./home";
import type { Log } from "./log";
import { which } from "./packages";
import { CHECKOUT, LABS_FOLDER } from "./paths";
import { run } from "./run";
import { makeStack } from "./stack";

/** How to run `pulumi` here. */
export interface Pulumi {
  /** Folders to put before PATH. */
  readonly binDirs: readonly string[];
  /** Variables for every `pulumi` command, PATH included. */
  readonly env: Readonly<Record<string, string>>;
}

const CLI = "3.250.0";
const PLUGINS = { command: "1.2.1", kubernetes: "4.32.0" };
const DOUBLES = join(CHECKOUT, "test/lab/plugins/bin");

/** Finds or makes everything that `pulumi up` of the lab of the spec `file` needs, and says what was chosen. */
export async function findPulumi(log: Log, home: Home, file: string): Promise<Pulumi> {
  const programs = await findPrograms(log);
  const doubles: string[] = [];
  for (const [name, version] of Object.entries(PLUGINS)) {
    const official = await findPlugin(name, version, programs);
    log.line(
      `pulumi plugin ${name} ${version}: ${official.found ?? `test double from test/lab/plugins (${official.why})`}`,
    );
    if (!official.found) doubles.push(`pulumi-resource-${name}`);
  }
  const binDirs = doubles.length > 0 ? [...programs, linkDoubles(home, doubles)] : programs;
  const offline = doubles.length > 0 ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {};
  const skip = { PULUMI_SKIP_UPDATE_CHECK: "true" };
  return { binDirs, env: { PATH: withPath(binDirs), ...skip, ...offline, ...makeStack(log, home, file) } };
}

async function findPrograms(log: Log): Promise<string[]> {
  const present = which("pulumi");
  if (present && which("pulumi-language-nodejs")) {
    log.line(`pulumi ${await run(present, ["version"])}: found at ${present}`);
    return [];
  }
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  const url = `https://get.pulumi.com/releases/sdk/pulumi-v${CLI}-linux-${arch}.tar.gz`;
  const sums = `https://github.com/pulumi/pulumi/releases/download/v${CLI}/pulumi-${CLI}-checksums.txt`;
  const cli = await obtain(log, goArtefact(pulumiProgram(CLI), [tarball(url, sums, ["--strip-components=1"])]));
  if (existsSync(join(cli, "pulumi-language-nodejs"))) return [cli];
  return [cli, await obtain(log, goArtefact(languageHostProgram(CLI)))];
}

/** Where the official plugin is, or why there is none. */
async function findPlugin(
  name: string,
  version: string,
  programs: readonly string[],
): Promise<{ found?: string; why?: string }> {
  const onPath = which(`pulumi-resource-${name}`);
  if (onPath && dirname(onPath) !== DOUBLES && !onPath.startsWith(LABS_FOLDER)) return { found: `found at ${onPath}` };
  const home = process.env.PULUMI_HOME || join(homedir(), ".pulumi");
  if (existsSync(join(home, "plugins", `resource-${name}-v${version}`))) return { found: "installed" };
  try {
    await needSite("get.pulumi.com");
    const env = { PATH: withPath(programs), PULUMI_SKIP_UPDATE_CHECK: "true" };
    await run(findIn(programs), ["plugin", "install", "resource", name, `v${version}`], { env });
    return { found: "installed from get.pulumi.com" };
  } catch (error) {
    return { why: (error as Error).message.split("\n").slice(0, 2).join(" ") };
  }
}

/** Only the doubles in use come on PATH: there a double would hide an official plugin. */
function linkDoubles(home: Home, names: readonly string[]): string {
  const folder = join(home.folder, "plugins");
  mkdirSync(folder, { recursive: true });
  const present = readdirSync(folder);
  for (const name of names) if (!present.includes(name)) symlinkSync(join(DOUBLES, name), join(folder, name));
  for (const name of present) if (!names.includes(name)) rmSync(join(folder, name));
  return folder;
}

function findIn(folders: readonly string[]): string {
  return folders.map((folder) => join(folder, "pulumi")).find((file) => existsSync(file)) ?? "pulumi";
}

function withPath(folders: readonly string[]): string {
  const rest = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folders.includes(folder));
  return [...folders, ...rest].join(delimiter);
}
