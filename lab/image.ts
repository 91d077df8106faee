/**
 * Container images without a registry and without a daemon: layers are tar files, an image is a list of them, and one
 * archive (the format of `docker save`) holds many images that share layers. The same input gives the same bytes.
 */
import { createHash } from "node:crypto";
import { createReadStream, linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { GO_ARCH } from "./download";
import { run } from "./run";

/** One layer: an uncompressed tar file, known by its digest. */
export interface Layer {
  readonly file: string;
  readonly digest: string;
}

/** An image to be: the tag under which it is found, its layers from the bottom up, what it runs. */
export interface Image {
  readonly tag: string;
  readonly layers: readonly Layer[];
  readonly entrypoint?: readonly string[];
  /** Variables beside PATH. */
  readonly env?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Packs the tree under `folder` into the layer `file`; all of it is root's unless `owners` are kept. */
export async function packLayer(folder: string, file: string, owners: "root" | "kept" = "root"): Promise<Layer> {
  const owner = owners === "root" ? ["--owner=0", "--group=0"] : ["--numeric-owner"];
  await run("tar", [
    "--sort=name",
    "--mtime=@0",
    "--format=gnu",
    ...owner,
    "--create",
    "--file",
    file,
    "--directory",
    folder,
    ".",
  ]);
  return layerOf(file);
}

/** The layer that the tar file `file` is. */
export async function layerOf(file: string): Promise<Layer> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return { file, digest: hash.digest("hex") };
}

/** Writes `images` into one archive; `work` is an empty folder on the file system of the layers. */
export async function writeArchive(images: readonly Image[], archive: string, work: string): Promise<void> {
  // by digest: the same content may come from several files
  const all = new Map(images.flatMap(({ layers }) => layers.map((layer) => [layer.digest, layer] as const)));
  for (const layer of all.values()) {
    mkdirSync(join(work, layer.digest));
    linkSync(layer.file, join(work, layerPath(layer)));
  }
  const manifest = images.map(({ tag, layers, ...image }) => {
    const config = configOf({ tag, layers, ...image });
    const name = `${createHash("sha256").update(config).digest("hex")}.json`;
    writeFileSync(join(work, name), config);
    return { Config: name, RepoTags: [tag], Layers: layers.map(layerPath) };
  });
  writeFileSync(join(work, "manifest.json"), JSON.stringify(manifest));
  await run("tar", [
    "--sort=name",
    "--mtime=@0",
    "--owner=0",
    "--group=0",
    "--create",
    "--file",
    archive,
    "--directory",
    work,
    ".",
  ]);
}

const layerPath = ({ digest }: Layer) => `${digest}/layer.tar`;

function configOf({ layers, entrypoint, env = [], labels }: Image): string {
  return JSON.stringify({
    architecture: GO_ARCH,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...env],
      Labels: labels,
      WorkingDir: "/",
      ...(entrypoint ? { Entrypoint: entrypoint } : {}),
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
    history: layers.map(() => ({ created: "1970-01-01T00:00:00Z", created_by: "dualstack lab" })),
  });
}
