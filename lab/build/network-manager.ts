/**
 * NetworkManager with its ifcfg-rh plugin, which RHEL 8 and 9 use and Debian does not build: from the sources of Debian's package, in
 * a container. Only the daemon and the plugin are made; the rest of the package (nmcli, units, D-Bus policy) is that of the lab host,
 * of the same version.
 */
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Artefact, obtain, temporaryFolder } from "../artefact";
import type { Docker } from "../docker";
import type { Log } from "../log";
import { needPrograms } from "../packages";
import { run } from "../run";
import { debianArchive, debianArtefact, ROOT_TAR } from "./debian";

/** The upstream release in `DEBIAN_RELEASE` (debian.ts), and the SHA-256 of its sources that Debian's `network-manager_*.dsc` signs. */
const VERSION = "1.42.4";
const SOURCES = "86ee16a2f7f525629133fa0c3dc060caf96ae4f34084eda1c24551951abe5a3c";
const TAR = `network-manager_${VERSION}.orig.tar.xz`;

const PACKAGES = [
  ...["gcc", "libc6-dev", "meson", "ninja-build", "pkg-config", "gettext", "xz-utils", "python3"],
  ...["libglib2.0-dev", "libudev-dev", "libsystemd-dev", "libndp-dev", "uuid-dev", "libdbus-1-dev", "xsltproc"],
];

/** All that reading ifcfg files of wired links does not need is off; paths are those of Debian's package. */
const OPTIONS: Readonly<Record<string, string>> = {
  ifcfg_rh: "true",
  ifupdown: "false",
  config_dns_rc_manager_default: "symlink",
  session_tracking: "systemd",
  crypto: "null",
  ebpf: "false",
  libaudit: "no",
  tests: "no",
  vapi: "false",
  more_asserts: "0",
  readline: "none",
  dbus_conf_dir: "/usr/share/dbus-1/system.d",
  systemdsystemunitdir: "/lib/systemd/system",
  udev_dir: "no",
  ...Object.fromEntries(
    [
      ...["wifi", "wext", "ppp", "modem_manager", "concheck", "ovs", "nmcli", "nmtui", "bluez5_dun", "introspection"],
      ...["docs", "firewalld_zone", "libpsl", "qt", "polkit", "selinux", "session_tracking_consolekit", "more_logging"],
    ].map((name) => [name, "false"]),
  ),
};

const DAEMON = "src/core/NetworkManager";
const PLUGIN = "libnm-settings-plugin-ifcfg-rh.so";

/** Runs in the container: sources in /in, `tree` for a host into /out. */
const BUILD = `
set -e
mkdir /build && cd /build && tar --extract --xz --strip-components=1 --file /in/${TAR}
meson setup out --prefix=/usr --libdir=lib/$(gcc -dumpmachine) --sysconfdir=/etc --localstatedir=/var --buildtype=plain -Dc_args=-O1 ${Object.entries(
  OPTIONS,
)
  .map(([name, value]) => `-D${name}=${value}`)
  .join(" ")}
ninja -C out ${DAEMON} src/core/settings/plugins/ifcfg-rh/${PLUGIN}
install -D --strip -m 0755 out/${DAEMON} /out/tree/usr/sbin/NetworkManager
install -D --strip -m 0644 out/src/core/settings/plugins/ifcfg-rh/${PLUGIN} /out/tree/usr/lib/$(gcc -dumpmachine)/NetworkManager/${VERSION}/${PLUGIN}
`;

/** A folder whose `tree` is what a lab host needs beside Debian's network-manager to read ifcfg files; paths from the root. */
export function networkManagerArtefact(log: Log, docker: Docker): Artefact {
  const base = debianArtefact("network-manager-build", PACKAGES, docker);
  const make = async (folder: string) => {
    const work = temporaryFolder("network-manager");
    const tag = `dualstack-lab-network-manager-build:${process.pid}`;
    try {
      await fetchSources(work);
      await docker.run(["import", "--change", "CMD bash", join(await obtain(log, base), ROOT_TAR), tag]);
      const volumes = ["--volume", `${work}:/in:ro`, "--volume", `${folder}:/out`];
      await docker.run(["run", "--rm", "--network", "none", ...volumes, tag, "bash", "-c", BUILD]);
    } finally {
      await docker.run(["rmi", "--force", tag]);
      rmSync(work, { recursive: true, force: true });
    }
  };
  const recipe = { base: base.recipe, BUILD, SOURCES };
  return {
    name: "network-manager-ifcfg",
    version: VERSION,
    recipe,
    ways: [{ how: "built from Debian's sources", make }],
  };
}

async function fetchSources(folder: string): Promise<void> {
  await needPrograms("curl");
  const url = `${await debianArchive()}/pool/main/n/network-manager/${TAR}`;
  await run("curl", ["--fail", "--silent", "--show-error", "--location", "--output", join(folder, TAR), url]);
  const found = createHash("sha256")
    .update(readFileSync(join(folder, TAR)))
    .digest("hex");
  if (found !== SOURCES) throw new Error(`${url}: its SHA-256 is ${found}, expected ${SOURCES}`);
}
