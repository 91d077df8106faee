/** The interfaces of a host, and who configures them. */

import { AddressError } from "../addresses";
import { DEFAULTS } from "../defaults";
import type { Family } from "../families";
import { choice, defaulted, FLAG, integer, list, optional, parsed, required, struct } from "../shapes";
import { DOMAIN, INTERFACE_NAME } from "../texts";
import { ADDRESS, address, interfaceAddress, range } from "./values";

/** Who writes a host's interfaces. */
export const BACKEND = choice(["systemd-networkd", "NetworkManager", "netplan", "ifcfg", "ifupdown", "none"], {
  networkd: "it is called systemd-networkd",
  networkmanager: "it is called NetworkManager",
  nmstate: "nmstate is a front of NetworkManager; write NetworkManager",
  interfaces: "the files of /etc/network/interfaces are those of ifupdown",
});

const METRIC = integer(1, 4294967295);

const route = (family: Family) =>
  struct({
    to: required(range(family), "Where it leads."),
    via: optional(address(family), "The next router; without it the range is on the link itself."),
    metric: optional(METRIC, "The lower of two routes to one range is taken."),
  });

/** What both families have on an interface. */
const staticFields = (family: Family) => ({
  gateway: optional(address(family), "The default route of this family goes there."),
  gatewayMetric: optional(METRIC, "Metric of the default route, where the host has another one."),
  secondary: defaulted(list(interfaceAddress(family)), "Further addresses.", DEFAULTS.secondary),
  routes: defaulted(list(route(family)), "Further routes.", DEFAULTS.routes),
});

const LINK_ADDRESS = "Address and prefix length of the link.";
const STATIC = "hosts have static addresses: nodes keep theirs for life";

const IPV4 = struct(
  { address: required(interfaceAddress("ipv4"), LINK_ADDRESS), ...staticFields("ipv4") },
  { dhcp: STATIC },
);

const IPV6 = struct(
  {
    address: optional(interfaceAddress("ipv6"), `${LINK_ADDRESS} Only an interface with advertisements needs none.`),
    ...staticFields("ipv6"),
    advertisements: defaulted(
      FLAG,
      "Take addresses (SLAAC) and the default route from router advertisements too.",
      DEFAULTS.advertisements,
    ),
    privacy: defaulted(FLAG, "Temporary addresses (RFC 8981) beside those of advertisements.", DEFAULTS.privacy),
    addressGeneration: defaulted(
      choice(["eui64", "stable-privacy"]),
      "What the last half of link-local and advertised addresses is made of.",
      DEFAULTS.addressGeneration,
    ),
  },
  { dhcp: STATIC, autoconf: "it is called advertisements", acceptRa: "it is called advertisements" },
);

/** An Ethernet address, in lower case afterwards. */
const MAC = parsed('an Ethernet address such as "52:54:00:12:34:56"', (written): string => {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(written))
    throw new AddressError("mac-form", 'must be six pairs of hexadecimal digits, such as "52:54:00:12:34:56"');
  const mac = written.toLowerCase();
  // the lowest bit of the first byte is that of groups (IEEE 802)
  if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1)
    throw new AddressError("mac-group", "is an address of a group; give that of the interface");
  return mac;
});

const VLAN = struct(
  {
    id: required(integer(1, 4094), "Number of the VLAN (IEEE 802.1Q)."),
    parent: required(INTERFACE_NAME, "The interface that carries it, one of this host's."),
  },
  { link: "it is called parent" },
);

const BOND = struct(
  {
    members: required(list(INTERFACE_NAME, 1), "Its interfaces; they need no entry of their own."),
    mode: defaulted(
      choice(["active-backup", "802.3ad", "balance-xor", "balance-rr", "balance-tlb", "balance-alb", "broadcast"]),
      "How the members share the work.",
      DEFAULTS.bondMode,
    ),
    monitorInterval: defaulted(
      integer(10, 10000),
      "How often the members' links are looked at, in ms.",
      DEFAULTS.monitorInterval,
    ),
    lacpRate: optional(choice(["slow", "fast"]), "With 802.3ad: LACP every 30 s or every second."),
    hashPolicy: optional(
      choice(["layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4"]),
      "With 802.3ad, balance-xor and balance-tlb: what decides the member of a packet.",
    ),
    primary: optional(
      INTERFACE_NAME,
      "With active-backup, balance-tlb and balance-alb: the member that is used while it is up.",
    ),
  },
  { slaves: "they are called members", interfaces: "they are called members" },
);

export const INTERFACE = struct(
  {
    name: required(INTERFACE_NAME, "Name of the interface, such as eth0."),
    mac: optional(
      MAC,
      "Its Ethernet address. The name and the settings stay with it, in whatever order the kernel finds the interfaces.",
    ),
    mtu: optional(integer(576, 65535), "Largest packet in bytes; without it that of the link stays."),
    vlan: optional(VLAN, "It is a VLAN on another interface."),
    bond: optional(BOND, "It is several interfaces that work as one."),
    ipv4: optional(IPV4, "IPv4 of this interface."),
    ipv6: optional(IPV6, "IPv6 of this interface; without it none is set up there."),
    dns: defaulted(list(ADDRESS), "Name servers of the host.", DEFAULTS.interfaceDns),
    search: defaulted(list(DOMAIN), "Domains in which the host looks for short names.", DEFAULTS.search),
  },
  {
    addresses: "addresses are written as ipv4: {address: ..., secondary: [...]} and ipv6",
    dhcp: STATIC,
    dhcp4: STATIC,
  },
);
