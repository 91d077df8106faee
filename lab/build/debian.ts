/** Debian as one tar file: from Docker Hub's image where it can be had, else by `debootstrap` from apt's package source. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Artefact, WayClosed } from "../artefact";
import type { Docker } from "../docker";
import { needSite } from "../download";
import { packLayer } from "../image";
import { needPrograms } from "../packages";
import { run } from "../run";

/** The Debian release of lab hosts and of images that need tools. */
export const DEBIAN_RELEASE = "bookworm";

/** The file in the artefact's folder. */
export const ROOT_TAR = "rootfs.tar";

/** What no lab host and no image reads: half of the size, and keys that every host must have its own of. */
const EMPTIED = [
  "usr/share/doc",
  "usr/share/man",
  "usr/share/locale",
  "usr/share/info",
  "var/cache/apt",
  "var/lib/apt/lists",
  "var/log",
];
const HOST_KEYS = /^ssh_host_/;

/** A minimal Debian with `packages`, called `name`, without the files `without` (paths from the root) that they bring. */
export function debianArtefact(
  name: string,
  packages: readonly string[],
  docker: Docker,
  without: readonly string[] = [],
): Artefact {
  return {
    name,
    version: DEBIAN_RELEASE,
    recipe: { packages, EMPTIED, arch: process.arch, ...(without.length > 0 ? { without } : {}) },
    ways: [
      { how: "made from docker.io/debian", make: (folder) => fromDockerHub(folder, packages, without, docker) },
      { how: "made by debootstrap", make: (folder) => fromPackages(folder, packages, without) },
    ],
  };
}

async function fromDockerHub(
  folder: string,
  packages: readonly string[],
  without: readonly string[],
  docker: Docker,
): Promise<void> {
  await needSite("registry-1.docker.io");
  if (docker.own) throw new WayClosed("containers of the lab's own Docker daemon have no way out");
  const install = `apt-get update && apt-get install --yes --no-install-recommends ${packages.join(" ")}`;
  const empty = [...EMPTIED.map((path) => `/${path}/*`), ...without.map((path) => `/${path}`)].join(" ");
  const script = `${install} && rm -rf ${empty} /etc/ssh/ssh_host_* && : > /etc/machine-id`;
  const container = `dualstack-lab-debian-${process.pid}`;
  try {
    await docker.run(["run", "--name", container, `debian:${DEBIAN_RELEASE}-slim`, "sh", "-c", script]);
    await docker.run(["export", "--output", join(folder, ROOT_TAR), container]);
  } finally {
    await docker.run(["rm", "--force", container]);
  }
}

async function fromPackages(folder: string, packages: readonly string[], without: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new WayClosed("debootstrap needs root");
  await needPrograms("debootstrap", "unshare");
  const tree = join(folder, "tree");
  mkdirSync(tree);
  const options = ["--variant=minbase", `--include=${packages.join(",")}`];
  // In a mount namespace of its own: /proc and /sys of the new system go away with the process, however it ends.
  const unshared = ["--mount", "--propagation", "private"];
  await run("unshare", [...unshared, "debootstrap", ...options, DEBIAN_RELEASE, tree, await debianArchive()]);
  for (const path of EMPTIED) removeFrom(join(tree, path), /./);
  removeFrom(join(tree, "etc/ssh"), HOST_KEYS);
  for (const path of without) rmSync(join(tree, path), { force: true });
  writeFileSync(join(tree, "etc/machine-id"), "");
  await packLayer(tree, join(folder, ROOT_TAR), "kept");
  rmSync(tree, { recursive: true });
}

/** The archive of `DEBIAN_RELEASE` among apt's sources, so that a machine behind a mirror works; else Debian's own. */
export async function debianArchive(): Promise<string> {
  const format = "$(SITE) $(CODENAME)";
  const targets = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]).catch(() => "");
  const line = targets.split("\n").find((text) => isDebian() && text.endsWith(` ${DEBIAN_RELEASE}`));
  return line?.split(" ")[0] ?? "http://deb.debian.org/debian";
}

function isDebian(): boolean {
  return existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
}

function removeFrom(folder: string, names: RegExp): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder)) {
    if (names.test(entry)) rmSync(join(folder, entry), { recursive: true, force: true });
  }
}
