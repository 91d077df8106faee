/**
 * A node image for kind, where kind's own cannot be pulled: the Debian of lab hosts, the files of kind's base image out of kind's
 * own module (none of them is kept here), and the programs and images that the lab has for every node.
 */
import { chmodSync, cpSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type ClusterSpec, release } from "../spec";
import { type Artefact, obtain, temporaryFolder } from "./artefact";
import { ROOT_TAR } from "./build/debian";
import { makeWritable, moduleFolder } from "./build/go";
import type { Docker } from "./docker";
import { debianOfHosts } from "./host-image";
import { layerOf, packLayer, writeArchive } from "./image";
import type { Log } from "./log";
import { makeStage } from "./stage";

/** What the image is called, and the release of kind whose files are in it. */
export interface NodeImage {
  readonly image: string;
  readonly kind: string;
}

const UNITS = "etc/systemd/system";
const IMAGES = "lab-images.service";

/** The folder with `image.tar`, in the form of `docker save`. */
export async function kindNodeImage(log: Log, docker: Docker, spec: ClusterSpec, wanted: NodeImage): Promise<string> {
  const base = debianOfHosts(docker);
  const stage = await makeStage(log, docker, spec);
  const files = filesOf(spec);
  const make = async (folder: string) => {
    const debian = await layerOf(join(await obtain(log, base), ROOT_TAR));
    const tree = join(folder, "tree");
    await writeTree(tree, await moduleFolder(`sigs.k8s.io/kind@v${wanted.kind}`), stage, files);
    const own = await packLayer(tree, join(folder, "own.tar"));
    const work = temporaryFolder("kind-archive");
    const labels = { "dualstack.stand-in": `kind's node image, made of Debian and programs built here` };
    const entrypoint = ["/usr/local/bin/entrypoint", "/sbin/init"];
    const env = ["container=docker"];
    await writeArchive(
      [{ tag: wanted.image, layers: [debian, own], entrypoint, env, labels }],
      join(folder, "image.tar"),
      work,
    );
    for (const path of [tree, own.file, work]) rmSync(path, { recursive: true });
  };
  const artefact: Artefact = {
    name: "kind-node",
    version: spec.kubernetes.version,
    recipe: { base: base.recipe, stage: basename(stage), wanted, files, LINKS },
    ways: [{ how: "made from Debian and programs built here", make }],
  };
  return obtain(log, artefact);
}

/** Files of ours, over those of kind's base image. */
function filesOf({ kubernetes: { version } }: ClusterSpec): Readonly<Record<string, string>> {
  return {
    "etc/containerd/config.toml": containerdConfig(release(version).pause),
    "kind/version": `v${version}`,
    "kind/manifests/default-cni.yaml": "",
    "kind/manifests/default-storage.yaml": STORAGE,
    [`${UNITS}/${IMAGES}`]: IMAGES_SERVICE,
    // kubeadm starts kubelet at once, and nothing may be looked for in a registry before
    [`${UNITS}/kubelet.service.d/20-images.conf`]: `[Unit]\nWants=${IMAGES}\nAfter=${IMAGES}\n`,
  };
}

/** Without CAP_SYS_RESOURCE no OOM score can be lowered, and on cgroup v1 there is no systemd driver in a container. */
function containerdConfig(pause: string): string {
  return `version = 3
[plugins."io.containerd.cri.v1.images"]
  snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "registry.k8s.io/pause:${pause}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}

/** kind wants one; nothing in it is ever asked for a volume. */
const STORAGE = `apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: standard}
provisioner: kubernetes.io/no-provisioner
`;

const IMAGES_SERVICE = `[Unit]
Description=images of the node
Requires=containerd.service
After=containerd.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -ec 'cd /kind/images; for archive in node/*; do ctr -n k8s.io images import $archive; done; case $(hostname) in *-control-plane) ctr -n k8s.io images import control-plane/images.tar ;; esac'

[Install]
WantedBy=multi-user.target
`;

const wants = (unit: string) => `${UNITS}/multi-user.target.wants/${unit}`;

const LINKS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["containerd.service", "kubelet.service", "undo-mount-hacks.service", IMAGES].map((unit) => [
      wants(unit),
      `../${unit}`,
    ]),
  ),
  // what hosts have and nodes of kind have not
  ...Object.fromEntries(
    ["ssh.service", "getty.target", "apt-daily.timer", "apt-daily-upgrade.timer", "systemd-binfmt.service"].map(
      (unit) => [`${UNITS}/${unit}`, "/dev/null"],
    ),
  ),
  // where kind's unit looks for it
  "usr/bin/kubelet": "../local/bin/kubelet",
};

async function writeTree(
  tree: string,
  kind: string,
  stage: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  cpSync(join(kind, "images/base/files"), tree, { recursive: true });
  makeWritable(tree);
  for (const folder of ["usr/local/bin", "kind/bin"]) {
    for (const name of readdirSync(join(tree, folder))) chmodSync(join(tree, folder, name), 0o755);
  }
  place(join(stage, "bin"), join(tree, "usr/local/bin"));
  place(join(stage, "cni"), join(tree, "opt/cni/bin"));
  for (const audience of ["node", "control-plane"])
    place(join(stage, "images", audience), join(tree, "kind/images", audience));
  const at = (path: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    return join(tree, path);
  };
  mkdirSync(join(tree, "etc/kubernetes/manifests"), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(at(path), text);
  for (const [path, target] of Object.entries(LINKS)) symlinkSync(target, at(path));
}

/** Files as hard links: they are in the cache anyway, and packed from there. */
function place(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    if (entry.isSymbolicLink()) cpSync(join(from, entry.name), join(to, entry.name), { verbatimSymlinks: true });
    else linkSync(join(from, entry.name), join(to, entry.name));
  }
}
