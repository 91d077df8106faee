/** The lab's hosts as containers: made, started again, mended, looked at, removed. */
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Address, FAMILIES, inOrder, type PerFamily } from "../spec";
import { temporaryFolder } from "./artefact";
import { type BirthFile, birthFiles } from "./birth";
import type { Docker } from "./docker";
import { containerOf, type Home, identityFile, knownHosts, networkOf, volumeOf } from "./home";
import { hostKeyFile } from "./keys";
import type { Lan, Machine } from "./machines";
import { labels } from "./owner";
import { CommandFailed, run } from "./run";
import { installedFiles, machineArguments } from "./vm";
import type { MachineGround } from "./vm-image";

/** What every machine of a lab is made of. */
export interface Ground {
  readonly home: Home;
  readonly image: string;
  /** The lab's own copy of the staged folder (lab/staged.ts), and where hosts see it. */
  readonly stage: string;
  readonly stageAt: string;
  /** The network that all machines share. */
  readonly lan: Lan;
  /** A folder with the NetworkManager that reads ifcfg files, where a machine has them. */
  readonly ifcfgReader?: string;
  /** What virtual machines are made of, where a machine is one. */
  readonly machines?: MachineGround;
}

/** What a host's container does. */
export type State = "running" | "stopped" | "missing";

/** What was needed to have a host run. */
export type Change = "made" | "started" | "none";

const RECIPE = "dualstack.lab.recipe";

/** Seconds: an emulated machine boots in 12 on two idle processors, and shares them with the others of its lab. */
const MACHINE_PATIENCE = 300;

/** Has `machine` run: made if it is missing or half-made, started if it stopped. */
export async function ensureHost(docker: Docker, machine: Machine, ground: Ground): Promise<Change> {
  const container = containerOf(ground.home, machine.name);
  const found = await inspect(docker, container);
  if (found && !found.whole) await removeHost(docker, ground.home, machine.name);
  if (!found?.whole) {
    await make(docker, machine, ground);
    return "made";
  }
  if (found.recipe !== recipeOf(machine, ground)) {
    throw new Error(
      `${machine.name} was made from another spec or another version of the lab: run \`dualstack lab down\` for this spec, then \`lab up\` again`,
    );
  }
  if (found.running) return "none";
  await docker.run(["start", container]);
  return "started";
}

/** Waits until root can log in at `machine` over SSH with the keys of the lab. */
export async function waitForSsh(docker: Docker, home: Home, { name, reached, virtual }: Machine): Promise<void> {
  const patience = virtual ? MACHINE_PATIENCE : 60;
  const files = ["-i", identityFile(home), "-o", `UserKnownHostsFile=${knownHosts(home)}`];
  const strict = ["IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "BatchMode=yes", "ConnectTimeout=3"].flatMap(
    (option) => ["-o", option],
  );
  for (const until = Date.now() + patience * 1000; ; await sleep(300)) {
    try {
      await run("ssh", ["-F", "none", ...files, ...strict, `root@${reached}`, "true"]);
      return;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      if ((await stateOf(docker, containerOf(home, name))) !== "running")
        throw new Error(
          `${name} ended as soon as it was started: \`docker logs ${containerOf(home, name)}\` may say why`,
        );
      if (Date.now() < until) continue;
      throw new Error(
        `${name} does not let us in over SSH after ${patience} s (look with \`docker logs ${containerOf(home, name)}\`): ${error.message}`,
      );
    }
  }
}

/** What a container does. */
export async function stateOf(docker: Docker, container: string): Promise<State> {
  const found = await inspect(docker, container);
  if (!found) return "missing";
  return found.running ? "running" : "stopped";
}

async function removeHost(docker: Docker, home: Home, name: string): Promise<void> {
  await docker.run(["rm", "--force", "--volumes", containerOf(home, name)]);
  await docker.run(["volume", "rm", "--force", volumeOf(home, name)]);
}

async function make(docker: Docker, machine: Machine, ground: Ground): Promise<void> {
  const { name, addresses, second } = machine;
  const { home } = ground;
  const container = containerOf(home, name);
  const label = [...labels(home), "--label", `${RECIPE}=${recipeOf(machine, ground)}`];
  const identity = ["--name", container, "--hostname", name, ...label];
  const network = ["--network", networkOf(home, "eth0").name, ...addressOptions(addresses)];
  const { options, folders, command } = machine.virtual ? aroundMachine(machine, ground) : asHost(ground);
  const mounts = ["--tmpfs", "/run", "--tmpfs", "/tmp", "--volume", `${volumeOf(home, name)}:/var`];
  const shown = folders.flatMap(([from, to]) => ["--volume", `${from}:${to}:ro`]);
  await docker.run(["volume", "create", ...labels(home), volumeOf(home, name)]);
  await docker.run(["create", ...identity, ...network, ...options, ...mounts, ...shown, ...command]);
  // Docker numbers interfaces in the order in which networks were connected
  if (second)
    await docker.run(["network", "connect", ...addressOptions(second), networkOf(home, "eth1").name, container]);
  await copyFiles(docker, machine, ground);
  await docker.run(["start", container]);
}

/** How a container is made. */
interface Form {
  readonly options: readonly string[];
  /** Folders of this machine that it sees, and where. */
  readonly folders: MachineGround["folders"];
  /** Its image, and the arguments of its first process. */
  readonly command: readonly string[];
}

/** A container that is a host itself. */
function asHost({ image, stage, stageAt }: Ground): Form {
  const options = ["--privileged", "--cgroupns", "private", "--env", "container=docker", "--stop-signal", "SIGRTMIN+3"];
  return { options, folders: [[stage, stageAt]], command: [image] };
}

/** A container around a virtual machine. */
function aroundMachine({ name, virtual }: Machine, { home, machines }: Ground): Form {
  const { image, folders } = machines!;
  const options = ["--cap-add", "NET_ADMIN", "--device", "/dev/net/tun"];
  return { options, folders, command: [image, ...machineArguments(home, name, virtual!)] };
}

/** What a machine is born with. */
function filesOf(machine: Machine, { lan, stageAt }: Ground): Record<string, BirthFile> {
  const own = machine.virtual ? installedFiles(machine.name, stageAt) : {};
  return { ...own, ...birthFiles(machine, lan) };
}

const IP = { ipv4: "--ip", ipv6: "--ip6" } as const;
const addressOptions = (addresses: PerFamily<Address>) =>
  inOrder(FAMILIES, addresses).flatMap((each) => [IP[each.family], `${each}`]);

/** What a machine has of its own before it starts: its SSH host key, who may log in, its network configuration. */
async function copyFiles(docker: Docker, machine: Machine, ground: Ground): Promise<void> {
  const { home, ifcfgReader } = ground;
  const tree = temporaryFolder(`host-${machine.name}`);
  const at = (path: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    return join(tree, path);
  };
  const place = (path: string, mode: number, write: (file: string) => void) => {
    write(at(path));
    chmodSync(join(tree, path), mode);
  };
  const key = hostKeyFile(home, machine.name);
  place("etc/ssh/ssh_host_ed25519_key", 0o600, (file) => copyFileSync(key, file));
  place("etc/ssh/ssh_host_ed25519_key.pub", 0o644, (file) => copyFileSync(`${key}.pub`, file));
  place("root/.ssh/authorized_keys", 0o600, (file) => copyFileSync(`${identityFile(home)}.pub`, file));
  for (const [path, file] of Object.entries(filesOf(machine, ground))) {
    if ("link" in file) symlinkSync(file.link, at(path));
    else place(path, file.mode, (target) => writeFileSync(target, file.text));
  }
  for (const folder of ["root", "root/.ssh"]) chmodSync(join(tree, folder), 0o700);
  const reader = machine.service === "ifcfg" && ifcfgReader !== undefined ? [join(ifcfgReader, "tree")] : [];
  const root = machine.virtual ? "/machine/tree" : "/";
  for (const from of [...reader, tree])
    await docker.run(["cp", `${from}/.`, `${containerOf(home, machine.name)}:${root}`]);
  rmSync(tree, { recursive: true });
}

function recipeOf(machine: Machine, ground: Ground): string {
  const { home, image, stageAt, ifcfgReader, machines } = ground;
  const { name, addresses, second = {}, service, virtual } = machine;
  const made = virtual ? [machines, machineArguments(home, name, virtual)] : [image, stageAt];
  const reader = service === "ifcfg" ? [ifcfgReader] : [];
  const input = [name, addresses, second, filesOf(machine, ground), ...made, ...reader];
  return createHash("sha256").update(JSON.stringify(input)).digest("hex").slice(0, 16);
}

interface Found {
  readonly running: boolean;
  readonly recipe: string;
  readonly whole: boolean;
}

/** A container that never ran is half-made: it may lack its files. */
async function inspect(docker: Docker, container: string): Promise<Found | undefined> {
  const format = `{{.State.Status}}\t{{index .Config.Labels "${RECIPE}"}}`;
  try {
    const [status = "", recipe = ""] = (
      await docker.run(["container", "inspect", "--format", format, container])
    ).split("\t");
    return { running: status === "running", recipe, whole: status !== "created" };
  } catch (error) {
    if (error instanceof CommandFailed && /no such container/i.test(error.output)) return undefined;
    throw error;
  }
}
