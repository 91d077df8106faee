/**
 * The staged folder: what a host without any way out needs to become a node, in the layout of the product's air-gap mode.
 * Mounted read-only on every lab host at the place that the spec names.
 */
import { existsSync, linkSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { ClusterSpec } from "../spec";
import { addonImages } from "./addon-images";
import { obtain } from "./artefact";
import { debianArtefact } from "./build/debian";
import type { Docker } from "./docker";
import { cniPluginsArtefact, containerdArtefact, kubernetesArtefact, runcArtefact } from "./downloads";
import { imagesArtefact } from "./image-archives";
import type { Log } from "./log";
import { standIns, TOOL_PACKAGES, versionOf } from "./node-images";
import { run } from "./run";

/** Versions of what the spec does not name; all of them together were tried. */
const VERSIONS = { containerd: "2.4.2", runc: "1.3.3", cniPlugins: "1.9.1", flannel: "0.26.7" };

/** The programs of the spec's Kubernetes version and the images that its nodes run; gives the folder to mount. */
export async function makeStage(log: Log, docker: Docker, spec: ClusterSpec): Promise<string> {
  const { version: kubernetes } = spec.kubernetes;
  const tools = debianArtefact("image-tools", TOOL_PACKAGES, docker);
  const early = obtain(log, tools); // beside the builds: it waits for the network and the disk, they for the processor
  early.catch(() => {}); // reported where it is needed
  const programs = await obtain(log, kubernetesArtefact(kubernetes));
  const named = await kubeadmImages(programs, kubernetes);
  // labs with another network add-on share the bundle of those with flannel
  const flannel = spec.cni.kind === "flannel" ? spec.cni.version : VERSIONS.flannel;
  const wanted = standIns(kubernetes, named, { flannel, probe: spec.verification.image });
  const coredns = versionOf(named.find((image) => image.includes("/coredns:"))!);
  const bundles = [{ name: "images", version: kubernetes, wanted }, ...addonImages(spec, coredns)];
  const images: string[] = [];
  for (const bundle of bundles) {
    const archives = imagesArtefact(log, docker, bundle, () => early);
    images.push(await obtain(log, archives));
  }
  const parts = {
    programs,
    containerd: await obtain(log, containerdArtefact(VERSIONS.containerd)),
    runc: await obtain(log, runcArtefact(VERSIONS.runc)),
    cni: await obtain(log, cniPluginsArtefact(VERSIONS.cniPlugins)),
    images,
  };
  return obtain(log, {
    name: "stage",
    version: kubernetes,
    recipe: Object.values(parts)
      .flat()
      .map((folder) => basename(folder)),
    ways: [{ how: "put together", make: async (folder) => assemble(folder, parts) }],
  });
}

interface Parts {
  readonly programs: string;
  readonly containerd: string;
  readonly runc: string;
  readonly cni: string;
  /** A folder for each bundle of images. */
  readonly images: readonly string[];
}

function assemble(folder: string, { programs, containerd, runc, cni, images }: Parts): void {
  for (const part of [programs, containerd, runc]) linkFiles(part, join(folder, "bin"));
  if (existsSync(join(programs, "kubernetes"))) {
    for (const name of ["kubeadm", "kubelet", "kubectl"]) symlinkSync("kubernetes", join(folder, "bin", name));
  }
  linkFiles(cni, join(folder, "cni"));
  for (const audience of ["node", "control-plane"]) {
    const folders = images.map((bundle) => join(bundle, audience)).filter((from) => existsSync(from));
    for (const from of folders) linkFiles(from, join(folder, "images", audience));
  }
}

/** Hard links: the parts stay in the cache for the next stage and take no room twice. */
function linkFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (!name.startsWith(".")) linkSync(join(from, name), join(to, name));
  }
}

/** The images that this kubeadm wants, as it says itself; the one-program Kubernetes goes by the name it is called. */
async function kubeadmImages(programs: string, version: string): Promise<string[]> {
  const one = join(programs, "kubernetes");
  const program = existsSync(one) ? one : join(programs, "kubeadm");
  const list = await run(program, ["config", "images", "list", "--kubernetes-version", version], { argv0: "kubeadm" });
  return list.split("\n").filter((line) => line !== "");
}
