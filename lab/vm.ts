/**
 * A lab host as a virtual machine (`platform: machine` in the spec): QEMU in the host's container, with a kernel of its own. Names,
 * networks, addresses and the container's life stay those of the other hosts (machines.ts, hosts.ts).
 */
import { createHash } from "node:crypto";
import type { ClusterSpec, Host } from "../spec";
import type { BirthFile } from "./birth";
import type { Home } from "./home";

/** What a virtual machine has that a container has not. */
export interface Virtual {
  readonly cpus: number;
  /** In MiB. */
  readonly memory: number;
  /** Its network cards in the order of their names, eth0 first. */
  readonly cards: readonly Card[];
}

/** A network card: the container's device on whose network it is, and its MAC where the spec names one. */
export interface Card {
  readonly device: "eth0" | "eth1";
  readonly mac?: string;
}

/** kubeadm refuses a control plane with fewer than 2 processors or 1700 MB (k/k cmd/kubeadm constants.go); workers take what is left. */
const SIZE = {
  "control-plane": { cpus: 2, memory: 2560 },
  worker: { cpus: 1, memory: 1536 },
} as const;

const CARD = /^eth([0-9])$/;

/**
 * The machine that `host` becomes, or undefined where hosts are containers. eth1 is on a network of its own where the spec gives it
 * addresses; all other cards are on the one of eth0, as are cables into one switch, which lets tagged packets of VLANs pass.
 * Throws Error for a card that a lab cannot have.
 */
export function virtualOf({ platform }: ClusterSpec, { name, role, interfaces }: Host): Virtual | undefined {
  if (platform !== "machine") return undefined;
  const members = interfaces.flatMap(({ bond }) => bond?.members ?? []);
  const links = interfaces.flatMap(({ name, vlan, bond }) => (vlan || bond ? [] : [name]));
  const numbers = [...links, ...members].map((card) => {
    const number = CARD.exec(card)?.[1];
    if (number !== undefined) return Number(number);
    throw new Error(`${name}: the network cards of a lab's machine are called eth0, eth1 and so on; not ${card}`);
  });
  const cards = Array.from({ length: Math.max(0, ...numbers) + 1 }, (_, number): Card => {
    const own = interfaces.find((each) => each.name === `eth${number}`);
    const apart = number === 1 && own !== undefined && !members.includes(own.name);
    return { device: apart ? "eth1" : "eth0", ...(own?.mac === undefined ? {} : { mac: own.mac }) };
  });
  return { ...SIZE[role], cards };
}

/** The arguments of build/vm/machine-init. UUID and MACs follow from the names, so they stay when the lab is made again. */
export function machineArguments(home: Home, name: string, { cpus, memory, cards }: Virtual): string[] {
  const digest = createHash("sha256").update(`${home.name} ${name}`).digest("hex");
  const uuid = digest.replace(/^(.{8})(.{4})(.{3})(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5"); // RFC 9562, the form of version 4
  const mac = (number: number) => `52:54:0${number}:${digest.slice(0, 6).match(/../g)!.join(":")}`;
  return [`${cpus}`, `${memory}`, uuid, ...cards.flatMap((card, number) => [card.device, card.mac ?? mac(number)])];
}

/** What Docker gives a container and an installer a machine: its name, its disks, and no name server. */
export function installedFiles(name: string, stageAt: string): Record<string, BirthFile> {
  const file = (text: string): BirthFile => ({ mode: 0o644, text });
  return {
    "etc/hostname": file(`${name}\n`),
    "etc/hosts": file(`127.0.0.1 localhost\n::1 localhost\n127.0.1.1 ${name}\n`),
    "etc/resolv.conf": file(""),
    "etc/fstab": file(`/dev/vda / ext4 defaults 0 1\n/dev/vdb ${stageAt} ext4 ro 0 0\n`),
    // looks for a minute for snapshots of LVM, which a lab has not
    "etc/systemd/system/e2scrub_reap.service": { link: "/dev/null" },
    // else each connection by SSH starts systemd for root anew: a second of an emulated processor
    "var/lib/systemd/linger/root": file(""),
    [`${stageAt.replace(/^\//, "")}/.keep`]: file(""),
  };
}
