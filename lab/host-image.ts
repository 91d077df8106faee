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

const NAME = "dualstack-lab-host";
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
  const folder = await obtain(log, hostImageArtefact(log, docker));
  const tag = readFileSync(join(folder, "tag"), "utf8");
  if (!(await docker.run(["images", "--quiet", tag])))
    await docker.run(["load", "--quiet", "--input", join(folder, "image.tar")]);
  return tag;
}

/** Removes the images of lab hosts and of nodes of kind that were made here. */
export async function removeHostImages(docker: Docker): Promise<void> {
  const ours = [[NAME], ["--filter", "label=dualstack.stand-in"]];
  const images = (await Promise.all(ours.map((which) => docker.run(["images", "--quiet", ...which])))).join("\n");
  for (const image of new Set(images.split("\n").filter((id) => id !== ""))) await docker.run(["rmi", image]);
}

/** The Debian of lab hosts. */
export function debianOfHosts(docker: Docker): Artefact {
  return debianArtefact("host-debian", PACKAGES, docker, DISABLED);
}

function hostImageArtefact(log: Log, docker: Docker): Artefact {
  const base = debianOfHosts(docker);
  const make = async (folder: string) => {
    const debian = await layerOf(join(await obtain(log, base), ROOT_TAR));
    const tree = join(folder, "tree");
    writeTree(tree);
    const own = await packLayer(tree, join(folder, "own.tar"));
    const tag = `${NAME}:${own.digest.slice(0, 6)}${debian.digest.slice(0, 6)}`;
    const work = temporaryFolder("host-archive");
    const image = { tag, layers: [debian, own], entrypoint: ["/usr/local/sbin/lab-init"], labels: {} };
    await writeArchive([image], join(folder, "image.tar"), work);
    writeFileSync(join(folder, "tag"), tag);
    for (const path of [tree, own.file, work]) rmSync(path, { recursive: true });
  };
  const recipe = { base: base.recipe, FILES, LINKS, init: readFileSync(INIT, "utf8") };
  return { name: "host-image", version: base.version, recipe, ways: [{ how: "made from Debian", make }] };
}

function writeTree(tree: string): void {
  const place = (path: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    return join(tree, path);
  };
  for (const [path, text] of Object.entries(FILES)) writeFileSync(place(path), text);
  for (const [path, target] of Object.entries(LINKS)) symlinkSync(target, place(path));
  cpSync(INIT, place("usr/local/sbin/lab-init"));
}
