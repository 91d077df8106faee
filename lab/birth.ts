/**
 * What a machine of a lab has before dualstack first comes: its first interface, configured by the network service that the spec
 * names, as an installer of the distribution would have left it. Every host has all services installed and one enabled; what reads
 * ifcfg files comes along only where it is wanted (build/network-manager.ts).
 */
import type { Family } from "../spec";
import type { Lan, Machine, Service } from "./machines";

/** A file or a link of a machine, by its path without the first slash. */
export type BirthFile = { readonly mode: number; readonly text: string } | { readonly link: string };

/** One family of the interface, as text. */
interface Line {
  readonly family: Family;
  /** With the prefix length. */
  readonly address: string;
  readonly gateway: string;
}

interface Birth {
  readonly path: string;
  readonly mode: number;
  readonly text: (lines: readonly Line[]) => string;
  /** Other files that the distribution's package has, by path. */
  readonly besides?: Readonly<Record<string, string>>;
  /** Links that `systemctl enable` makes, beside the unit that has them. */
  readonly enabled: Readonly<Record<string, string>>;
}

const INTERFACE = "eth0";
const UNITS = "/lib/systemd/system";
const wantedBy = (target: string, unit: string) => ({ [`${target}.wants/${unit}`]: `${UNITS}/${unit}` });
const text = (...lines: readonly string[]) => `${lines.join("\n")}\n`;
const has = (lines: readonly Line[], wanted: Family) => lines.some(({ family }) => family === wanted);

/** One row for every network service. */
const BIRTHS: Readonly<Record<Service, Birth>> = {
  "systemd-networkd": {
    path: `etc/systemd/network/20-${INTERFACE}.network`,
    mode: 0o644,
    text: (lines) =>
      text(
        ...["[Match]", `Name=${INTERFACE}`, "", "[Network]"],
        ...[`LinkLocalAddressing=${has(lines, "ipv6") ? "ipv6" : "no"}`, "IPv6AcceptRA=no"],
        ...lines.flatMap(({ address, gateway }) => [`Address=${address}`, `Gateway=${gateway}`]),
      ),
    enabled: {
      ...wantedBy("multi-user.target", "systemd-networkd.service"),
      ...wantedBy("sockets.target", "systemd-networkd.socket"),
      "dbus-org.freedesktop.network1.service": `${UNITS}/systemd-networkd.service`,
    },
  },
  NetworkManager: {
    path: `etc/NetworkManager/system-connections/${INTERFACE}.nmconnection`,
    mode: 0o600, // else it is ignored
    text: (lines) =>
      text(
        ...["[connection]", `id=${INTERFACE}`, "type=ethernet", `interface-name=${INTERFACE}`],
        ...(["ipv4", "ipv6"] as const).flatMap((family) => {
          const own = lines.filter((line) => line.family === family);
          const addresses = own.map(({ address, gateway }) => `address1=${address},${gateway}`);
          return ["", `[${family}]`, `method=${own.length > 0 ? "manual" : "disabled"}`, ...addresses];
        }),
      ),
    enabled: wantedBy("multi-user.target", "NetworkManager.service"),
  },
  netplan: {
    path: "etc/netplan/00-installer-config.yaml",
    mode: 0o600,
    text: (lines) =>
      text(
        ...["network:", "  version: 2", "  ethernets:", `    ${INTERFACE}:`, "      accept-ra: false"],
        `      link-local: [${has(lines, "ipv6") ? "ipv6" : ""}]`,
        `      addresses: [${lines.map(({ address }) => `"${address}"`).join(", ")}]`,
        ...[
          "      routes:",
          ...lines.map(({ family, gateway }) => `        - {to: "${ALL[family]}", via: "${gateway}"}`),
        ],
      ),
    enabled: {}, // netplan's generator starts networkd for its files
  },
  // RHEL's installer wrote these up to release 8, and its NetworkManager reads them by a plugin that is on (NetworkManager.conf(5))
  ifcfg: {
    path: `etc/sysconfig/network-scripts/ifcfg-${INTERFACE}`,
    mode: 0o644,
    text: (lines) =>
      text(
        ...[
          "TYPE=Ethernet",
          "BOOTPROTO=none",
          "DEFROUTE=yes",
          `NAME=${INTERFACE}`,
          `DEVICE=${INTERFACE}`,
          "ONBOOT=yes",
        ],
        `IPV6INIT=${has(lines, "ipv6") ? "yes" : "no"}`,
        ...lines.flatMap(({ family, address, gateway }) => {
          const [own = "", prefix = ""] = address.split("/");
          return family === "ipv4"
            ? [`IPADDR=${own}`, `PREFIX=${prefix}`, `GATEWAY=${gateway}`]
            : ["IPV6_AUTOCONF=no", `IPV6ADDR=${address}`, `IPV6_DEFAULTGW=${gateway}`];
        }),
      ),
    besides: {
      "etc/NetworkManager/NetworkManager.conf": text("[main]", "plugins=ifcfg-rh"),
      "etc/sysconfig/network": text("# Created by anaconda"),
    },
    enabled: wantedBy("multi-user.target", "NetworkManager.service"),
  },
  ifupdown: {
    path: "etc/network/interfaces",
    mode: 0o644,
    text: (lines) =>
      text(
        ...["source /etc/network/interfaces.d/*", "", "auto lo", "iface lo inet loopback", "", `auto ${INTERFACE}`],
        ...lines.flatMap(({ family, address, gateway }) => [
          `iface ${INTERFACE} ${INET[family]} static`,
          `    address ${address}`,
          `    gateway ${gateway}`,
        ]),
      ),
    enabled: {
      ...wantedBy("multi-user.target", "networking.service"),
      ...wantedBy("network-online.target", "networking.service"),
    },
  },
};

const ALL = { ipv4: "0.0.0.0/0", ipv6: "::/0" } as const;
const INET = { ipv4: "inet", ipv6: "inet6" } as const;

/** The files with which a machine is born: the families that it has at first, and the enabled service that gives them to it. */
export function birthFiles(
  { service, addresses, configured }: Machine,
  { ranges, gateways }: Lan,
): Record<string, BirthFile> {
  const birth = BIRTHS[service];
  const lines = configured.map((family) => ({
    family,
    address: `${addresses[family]}/${ranges[family]?.prefix}`,
    gateway: `${gateways[family]}`,
  }));
  const links = Object.entries(birth.enabled).map(([path, link]) => [`etc/systemd/system/${path}`, { link }]);
  const besides = Object.entries(birth.besides ?? {}).map(([path, text]) => [path, { mode: 0o644, text }]);
  const own = { [birth.path]: { mode: birth.mode, text: birth.text(lines) } };
  return { ...own, ...Object.fromEntries(besides), ...Object.fromEntries(links) };
}
