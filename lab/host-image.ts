/** The image of a lab host: bare Debian with systemd, sshd and every network service, nothing of Kubernetes, no container runtime. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Artefact, obtain, temporaryFolder } from "./artefact";
import { debianArtefact, ROOT_TAR } from "./build/debian";
import type { Docker } from "./docker";
import { layerOf, packLayer, writeArchive } from "./image";
import type { Log } from "./log";

const PACKAGES = [
  ...["systemd", "systemd-sysv", "dbus", "kmod", "procps", "openssh-server", "ca-certificates", "curl"],
  ...["iproute2", "iptables", "nftables", "conntrack", "ethtool", "socat", "iputils-ping", "sudo"],
  // libpam-systemd is the logind that NetworkManager's polkitd needs; debootstrap does not find it by itself
  ...["network-manager", "netplan.io", "ifupdown", "ifenslave", "libpam-systemd"],
  // both off until a test turns one on
  ...["firewalld", "ufw"],
  "keepalived",
];

/** What these packages enable by themselves; a host is born with one network service (see birth.ts) and no firewall. */
const DISABLED = [
  "dbus-org.freedesktop.nm-dispatcher.service",
  "multi-user.target.wants/keepalived.service",
  "multi-user.target.wants/NetworkManager.service",
  "dbus-org.fedoraproject.FirewallD1.service",
  "multi-user.target.wants/firewalld.service",
  "multi-user.target.wants/networking.service",
  "multi-user.target.wants/ufw.service",
  "network-online.target.wants/NetworkManager-wait-online.service",
  "network-online.target.wants/networking.service",
].map((link) => `etc/systemd/system/${link}`);

const REPOSITORY = "dualstack-lab-";
const INIT = join(__dirname, "build/host/lab-init");

const FILES: Readonly<Record<string, string>> = {
  "etc/ssh/sshd_config.d/lab.conf": "HostKey /etc/ssh/ssh_host_ed25519_key\nPasswordAuthentication no\nUseDNS no\n",
};

const UNITS = "etc/systemd/system";
const LINKS: Readonly<Record<string, string>> = {
  // a container has no console to log in at, and nobody updates a throw-away host
  [`${UNITS}/getty.target`]: "/dev/null",
  [`${UNITS}/apt-daily.timer`]: "/dev/null",
  [`${UNITS}/apt-daily-upgrade.timer`]: "/dev/null",
};

/** The image on `docker`, by its tag, which names the recipe. */
export async function hostImage(log: Log, docker: Docker): Promise<string> {
  const write = (tree: string) => {
    writeSystem(tree);
    cpSync(INIT, placeIn(tree, "usr/local/sbin/lab-init"));
  };
  const recipe = { ...SYSTEM_RECIPE, init: readFileSync(INIT, "utf8") };
  const base = debianOfHosts(docker);
  return systemImage(log, docker, { name: "host", base, init: "/usr/local/sbin/lab-init", recipe, write });
}

/** Removes the images of lab hosts and of nodes of kind that were made here. */
export async function removeHostImages(docker: Docker): Promise<void> {
  const ours = [[`${REPOSITORY}host`], [`${REPOSITORY}machine`], ["--filter", "label=dualstack.stand-in"]];
  const images = (await Promise.all(ours.map((which) => docker.run(["images", "--quiet", ...which])))).join("\n");
  for (const image of new Set(images.split("\n").filter((id) => id !== ""))) await docker.run(["rmi", image]);
}

/** The Debian of lab hosts, called `name`, with the packages `more`. */
export function debianOfHosts(docker: Docker, name = "host-debian", more: readonly string[] = []): Artefact {
  return debianArtefact(name, [...PACKAGES, ...more], docker, DISABLED);
}

/** An image to be: a Debian and files of our own on it. */
interface SystemImage {
  readonly name: string;
  readonly base: Artefact;
  /** Its first process. */
  readonly init: string;
  /** What decides the files that `write` puts into the folder that becomes its second layer. */
  readonly recipe: object;
  write(tree: string): void;
}

/** The image on `docker`, by its tag; made if it is not in the cache. */
export async function systemImage(log: Log, docker: Docker, image: SystemImage): Promise<string> {
  const folder = await obtain(log, imageArtefact(log, image));
  const tag = readFileSync(join(folder, "tag"), "utf8");
  if (!(await docker.run(["images", "--quiet", tag])))
    await docker.run(["load", "--quiet", "--input", join(folder, "image.tar")]);
  return tag;
}

function imageArtefact(log: Log, { name, base, init, recipe, write }: SystemImage): Artefact {
  const make = async (folder: string) => {
    const debian = await layerOf(join(await obtain(log, base), ROOT_TAR));
    const tree = join(folder, "tree");
    write(tree);
    const own = await packLayer(tree, join(folder, "own.tar"));
    const tag = `${REPOSITORY}${name}:${own.digest.slice(0, 6)}${debian.digest.slice(0, 6)}`;
    const work = temporaryFolder(`${name}-archive`);
    const image = { tag, layers: [debian, own], entrypoint: [init], labels: {} };
    await writeArchive([image], join(folder, "image.tar"), work);
    writeFileSync(join(folder, "tag"), tag);
    for (const path of [tree, own.file, work]) rmSync(path, { recursive: true });
  };
  const whole = { base: base.recipe, ...recipe };
  return { name: `${name}-image`, version: base.version, recipe: whole, ways: [{ how: "made from Debian", make }] };
}

/** What decides what {@link writeSystem} writes. */
export const SYSTEM_RECIPE = { FILES, LINKS };

/** Writes what every lab host has beside its packages into the folder `tree`. */
export function writeSystem(tree: string): void {
  for (const [path, text] of Object.entries(FILES)) writeFileSync(placeIn(tree, path), text);
  for (const [path, target] of Object.entries(LINKS)) symlinkSync(target, placeIn(tree, path));
}

/** The place of `path` in the folder `tree`, whose folders are made. */
export function placeIn(tree: string, path: string): string {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  return join(tree, path);
}
