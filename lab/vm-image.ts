/** What the virtual machines of a lab are made of: QEMU as an image, a Debian with a kernel, and the staged folder as a disk. */
import { cpSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Artefact, obtain } from "./artefact";
import { debianArtefact } from "./build/debian";
import type { Docker } from "./docker";
import { debianOfHosts, placeIn, SYSTEM_RECIPE, systemImage, writeSystem } from "./host-image";
import type { Log } from "./log";

/** The kernel has as modules what a machine's has and a container cannot bring: VLANs, bonds, IPVS, WireGuard. */
const KERNEL = ["linux-image-cloud-amd64", "initramfs-tools", "udev"];
const AROUND = ["qemu-system-x86", "e2fsprogs", "iproute2", "socat"];

const PROGRAMS = ["machine-init", "stage-disk"] as const;
const sourceOf = (program: string) => join(__dirname, "build/vm", program);

/** What the containers around machines need. */
export interface MachineGround {
  readonly image: string;
  /** Folders of this machine, and where the containers see them. */
  readonly folders: readonly (readonly [from: string, to: string])[];
}

/** All of it, from the cache or made; `stage` is the staged folder. Throws Error where machines cannot be. */
export async function machineGround(log: Log, docker: Docker, stage: string): Promise<MachineGround> {
  if (process.arch !== "x64") throw new Error("hosts with `platform: machine` need a lab on an amd64 machine");
  const debian = await obtain(log, debianOfHosts(docker, "machine-debian", KERNEL));
  const image = await systemImage(log, docker, {
    name: "machine",
    base: debianArtefact("qemu-debian", AROUND, docker),
    init: "/usr/local/sbin/machine-init",
    recipe: { ...SYSTEM_RECIPE, programs: PROGRAMS.map((program) => readFileSync(sourceOf(program), "utf8")) },
    write(tree) {
      writeSystem(join(tree, "machine/tree"));
      for (const program of PROGRAMS) cpSync(sourceOf(program), placeIn(tree, `usr/local/sbin/${program}`));
    },
  });
  const disk = await obtain(log, stageDisk(docker, image, stage));
  const folders = [[debian, "/machine/debian"] as const, [disk, "/machine/stage"] as const];
  return { image, folders };
}

/** The staged folder as a disk: a machine shares no folder with the container around it. */
function stageDisk(docker: Docker, image: string, stage: string): Artefact {
  const make = async (folder: string) => {
    const folders = ["--volume", `${stage}:/stage:ro`, "--volume", `${folder}:/out`];
    await docker.run(["run", "--rm", "--network", "none", ...folders, "--entrypoint", "stage-disk", image]);
  };
  const recipe = [basename(stage), image];
  return { name: "stage-disk", version: "1", recipe, ways: [{ how: "made from the staged folder", make }] };
}
