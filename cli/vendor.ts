/** `dualstack vendor DIR [SPEC]`: everything of other projects that a spec needs, in one folder, for machines without internet. */
import { copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { addons } from "../addons";
import { everyFile, everyImage, type Pinned } from "../addons/catalogue";
import { imagesOf } from "../addons/images";
import type { Upstream } from "../addons/upstream";
import { digestOf, Files } from "../live/upstream";
import { type ClusterSpec, loadSpec } from "../spec";

export function registerVendor(program: Command): void {
  program
    .command("vendor")
    .description("download the manifests and charts of other projects into a folder, with the list of images")
    .argument("<dir>", "folder to fill; the field `mirror` of a spec names it afterwards")
    .argument("[spec]", "YAML file of an environment; without it the whole catalogue")
    .addHelpText(
      "after",
      "\nEvery file is verified against the catalogue's digest before it gets its name. What is there already is not\ndownloaded again, so a run that was cut off can be repeated. SHA256SUMS is for sha256sum -c.",
    )
    .action((folder: string, file: string | undefined) => vendor(folder, file));
}

/** Fills `folder`. Throws Error for the first file that cannot be had; those before it stay. */
function vendor(folder: string, specFile: string | undefined): void {
  const spec = specFile === undefined ? undefined : loadSpec(specFile).spec;
  const source = new Files(spec?.mirror === folder ? undefined : spec?.mirror);
  const { files, images } = spec === undefined ? { files: everyFile(), images: everyImage() } : needed(spec, source);
  files.forEach((pinned, i) => {
    const to = join(folder, pinned.path);
    const there = existsSync(to) && digestOf(to) === pinned.sha256;
    if (!there) place(to, (part) => copyFileSync(source.locate(pinned), part));
    process.stderr.write(`${i + 1}/${files.length} ${pinned.path}${there ? " is there" : ""}\n`);
  });
  const sums = files.map(({ sha256, path }) => `${sha256}  ${path}\n`).join("");
  place(join(folder, "SHA256SUMS"), (part) => writeFileSync(part, sums));
  place(join(folder, "images.txt"), (part) => writeFileSync(part, imageList(spec, images)));
  process.stdout.write(`${folder}: ${files.length} files and a list of ${images.length} images\n`);
}

/** What the plan of a spec reads, and the images of its objects. */
function needed(spec: ClusterSpec, source: Files): { files: Pinned[]; images: string[] } {
  const files = new Map<string, Pinned>();
  const note = (pinned: Pinned) => void files.set(pinned.path, pinned);
  const recorder: Upstream = {
    file: (pinned) => {
      note(pinned);
      return source.file(pinned);
    },
    chart: (pinned, rendering) => {
      note(pinned);
      return source.chart(pinned, rendering);
    },
  };
  const planned = addons(spec, recorder).map(({ object }) => object);
  const started = [...files.values()].flatMap((pinned) => pinned.images);
  const images = [...started, ...imagesOf(planned), spec.verification.image];
  return { files: [...files.values()], images: [...new Set(images)].sort() };
}

function imageList(spec: ClusterSpec | undefined, images: readonly string[]): string {
  const release = spec === undefined ? "" : ` --kubernetes-version v${spec.kubernetes.version}`;
  const kubeadm = `# and those of Kubernetes itself: kubeadm config images list${release}\n`;
  return `${images.map((image) => `${image}\n`).join("")}${kubeadm}`;
}

/** A file gets its name when it is whole. */
function place(file: string, write: (part: string) => void): void {
  mkdirSync(dirname(file), { recursive: true });
  const part = `${file}.part`;
  write(part);
  renameSync(part, file);
}
