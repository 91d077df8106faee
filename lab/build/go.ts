/**
 * Builds a program from Go modules, in a small module of its own that is made here: the module with its version, the
 * replacements that it needs, then `go get` and `go build`. Checksums are verified as the machine's Go is set up to.
 */
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type Artefact, temporaryFolder, type Way, WayClosed } from "../artefact";
import { needPrograms } from "../packages";
import { CommandFailed, run } from "../run";
import type { GoProgram, Instead } from "./programs";

/** The artefact of `program`: by one of `downloads` where they are open, else built. */
export function goArtefact(program: GoProgram, downloads: readonly Way[] = []): Artefact {
  const { name, version } = program;
  return { name, version, recipe: recipeOf(program), ways: [...downloads, buildWay(program)] };
}

/** The folder with all files of a module, such as `example.org/m@v1.2.3`. Throws WayClosed where it cannot be had. */
export async function moduleFolder(main: string): Promise<string> {
  await needPrograms("go");
  const work = temporaryFolder("module");
  try {
    return (JSON.parse(await go(work, ["mod", "download", "-json", main])) as { Dir: string }).Dir;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What decides the result: the program's description, and its sources where they are ours. */
function recipeOf(program: GoProgram): unknown {
  const { source, instead, ...rest } = program;
  const others = Object.entries(instead ?? {}).map(([module, by]) => [
    module,
    "source" in by ? { ...by, source: textsIn(by.source) } : by,
  ]);
  const stood = others.length > 0 ? { instead: others } : {};
  return { ...rest, ...stood, sources: source ? textsIn(source) : [], flags: flagsOf(program), arch: process.arch };
}

const textsIn = (folder: string) => readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));

/** Makes a copy of a module's files writable for their owner, and its folders open: Go keeps modules read-only. */
export function makeWritable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) makeWritable(path);
    else chmodSync(path, 0o644);
  }
}

function buildWay(program: GoProgram): Way {
  return {
    how: program.module === "" ? "built with Go" : "built from Go modules",
    make: async (folder) => {
      await needPrograms("go", ...(program.cgo ? ["gcc" as const] : []));
      const work = temporaryFolder(`${program.name}-module`);
      try {
        if (program.source) cpSync(program.source, work, { recursive: true });
        await fetchModules(program, work);
        await compile(program, work, folder);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
      for (const [from, to] of Object.entries(program.rename ?? {})) renameSync(join(folder, from), join(folder, to));
    },
  };
}

async function fetchModules(program: GoProgram, work: string): Promise<void> {
  const { name, module, sources: version = program.version, packages, staging } = program;
  await go(work, ["mod", "init", name]);
  if (module === "") return;
  const main = `${module}@v${version}`;
  if (staging) {
    const replacements = (await stagingModules(work, main)).map((path) => `-replace=${path}=${path}@v${staging}`);
    await go(work, ["mod", "edit", ...replacements]);
  }
  for (const [path, by] of Object.entries(program.instead ?? {})) {
    await go(work, ["mod", "edit", `-replace=${path}=${await replacement(work, main, path, by)}`]);
  }
  if (program.likeMain) await go(work, ["mod", "edit", ...(await ownChanges(work, main))]);
  await go(work, ["get", main, ...packages.filter((path) => path !== module).map((path) => `${path}@v${version}`)]);
  if (packages.length === 0) await go(work, ["mod", "tidy"]);
}

/** What a replacement of the module `path` names: a version, or a folder that is made within `work`. */
async function replacement(work: string, main: string, path: string, by: Instead): Promise<string> {
  if ("version" in by) return `${path}@${by.version}`;
  const place = `./instead/${basename(by.source)}`;
  const folder = join(work, place);
  if (!("over" in by)) {
    cpSync(by.source, folder, { recursive: true });
    await go(folder, ["mod", "init", path]);
    return place;
  }
  const { Require } = await moduleFile(work, main);
  const wanted = Require?.find(({ Path }) => Path === path)?.Version;
  cpSync(await moduleFolder(`${path}@${wanted}`), folder, { recursive: true });
  makeWritable(folder);
  cpSync(by.source, join(folder, by.over), { recursive: true });
  return place;
}

/** The modules that live in Kubernetes' own repository and are published beside it. */
async function stagingModules(work: string, main: string): Promise<string[]> {
  const { Replace } = await moduleFile(work, main);
  return (Replace ?? []).filter(({ New }) => New.Path.startsWith("./staging/")).map(({ Old }) => Old.Path);
}

/** The replacements by other published modules and the exclusions of a module, as flags of `go mod edit`. */
async function ownChanges(work: string, main: string): Promise<string[]> {
  const { Replace, Exclude } = await moduleFile(work, main);
  const of = ({ Path, Version }: Module) => (Version ? `${Path}@${Version}` : Path);
  return [
    ...(Replace ?? []).filter(({ New }) => New.Version).map(({ Old, New }) => `-replace=${of(Old)}=${of(New)}`),
    ...(Exclude ?? []).map((one) => `-exclude=${of(one)}`),
  ];
}

async function moduleFile(work: string, main: string): Promise<ModuleFile> {
  const { GoMod } = JSON.parse(await go(work, ["mod", "download", "-json", main])) as { GoMod: string };
  return JSON.parse(await go(work, ["mod", "edit", "-json", GoMod])) as ModuleFile;
}

interface Module {
  readonly Path: string;
  readonly Version?: string;
}

interface ModuleFile {
  readonly Require?: readonly Module[] | null;
  readonly Replace?: readonly { readonly Old: Module; readonly New: Module }[] | null;
  readonly Exclude?: readonly Module[] | null;
}

async function compile(program: GoProgram, work: string, folder: string): Promise<void> {
  const { name, packages, cgo } = program;
  const targets = packages.length > 0 ? ["-o", `${folder}/`, ...packages] : ["-o", join(folder, name), "."];
  await go(work, ["build", ...flagsOf(program), ...targets], { CGO_ENABLED: cgo ? "1" : "0" });
}

/** Small, without symbols (to write them takes 8 % of a compiler's time), and bound to no C library of the machine that built it. */
function flagsOf({ tags, variables, cgo }: GoProgram): string[] {
  const standalone = cgo ? ["-linkmode external", "-extldflags -static"] : [];
  const set = Object.entries(variables ?? {}).map(([key, value]) => `-X ${key}=${value}`);
  const linker = ["-s", "-w", ...standalone, ...set].join(" ");
  return ["-mod=readonly", "-gcflags=all=-dwarf=false", "-ldflags", linker, ...(tags ? ["-tags", tags] : [])];
}

async function go(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  try {
    return await run("go", args, { cwd, env: { GOWORK: "off", ...env } });
  } catch (error) {
    if (
      error instanceof CommandFailed &&
      /module version is not available|no matching versions|404 Not Found/.test(error.output)
    ) {
      throw new WayClosed(`a Go module is not available: ${error.output.trim().split("\n").at(-1)}`);
    }
    throw error;
  }
}
