/** The archives of the stage: the official images where the registries can be reached, else images of programs built here. */
import { copyFileSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Artefact, obtain, temporaryFolder } from "./artefact";
import { DEBIAN_RELEASE, ROOT_TAR } from "./build/debian";
import { goArtefact } from "./build/go";
import type { Docker } from "./docker";
import { needSite } from "./download";
import { type Image, type Layer, layerOf, packLayer, writeArchive } from "./image";
import type { Log } from "./log";
import { type Audience, type StandIn, TOOL_PACKAGES } from "./node-images";

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
      { how: "made of programs built here", make: (folder) => make(log, bundle, folder, tools) },
    ],
  };
}

/** The program by its own recipe, which says nothing of where this checkout lies. */
const recipeOf = ({ program, ...image }: StandIn) => ({ ...image, program: goArtefact(program).recipe });

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

async function make(log: Log, { name, wanted }: Bundle, folder: string, tools: () => Promise<string>): Promise<void> {
  const layers = join(folder, "layers");
  mkdirSync(layers);
  const pack = packer(log, layers);
  const debian = await layerOf(join(await tools(), ROOT_TAR));
  for (const [audience, standIns] of Object.entries(wanted)) {
    const images: Image[] = [];
    for (const standIn of standIns) {
      const own = await pack(standIn);
      images.push({ ...standIn, layers: standIn.tools ? [debian, own] : [own], labels: labelsOf(standIn) });
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
  return async ({ program, path, file = program.name, links = [] }) => {
    const key = JSON.stringify([program, file, path, links]);
    const known = packed.get(key);
    if (known) return known;
    const tree = join(folder, `tree-${packed.size}`);
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    copyFileSync(join(await obtain(log, goArtefact(program)), file), join(tree, path));
    for (const link of links) symlinkSync(`/${path}`, join(tree, link));
    const layer = await packLayer(tree, `${tree}.tar`);
    rmSync(tree, { recursive: true });
    packed.set(key, layer);
    return layer;
  };
}

/** What tells a stand-in from the image whose name it bears. */
function labelsOf({ program }: StandIn): Record<string, string> {
  return {
    "dualstack.stand-in": `${program.name} ${program.version}, built from ${program.module || "dualstack's own source"}`,
  };
}
