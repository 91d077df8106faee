/** systemd-networkd: a .network file for each link, a .netdev file for each that is made (systemd.network(5), systemd.netdev(5)). */
import type { Bond, Route } from "../../spec/interface-types";
import type { PlannedFile } from "../document";
import { type IniSection, toIni } from "../serialize";
import type { Link } from "./links";

const FOLDER = "/etc/systemd/network";

export function networkd(all: readonly Link[]): PlannedFile[] {
  return all.flatMap((each) => [...device(each), network(each)]);
}

function file(name: string, sections: readonly IniSection[]): PlannedFile {
  // of several files that match a link the first one counts, so it sorts before those of others
  return { path: `${FOLDER}/05-dualstack-${name}`, mode: "0644", handler: "network", text: toIni(sections) };
}

type Keys = IniSection[1];

function network(each: Link): PlannedFile {
  const { name, mtu, master, advertisements } = each;
  const sections: IniSection[] = [
    ["Match", [["Name", name]]],
    ["Link", mtu === undefined ? [] : [["MTUBytes", String(mtu)]]],
    ["Network", master === undefined ? settings(each) : memberOf(master, each.isPrimary)],
    ...each.routes.filter((route) => !isPlainGateway(route)).map(routeSection),
    ["IPv6AcceptRA", advertisements && each.addressGeneration === "stable-privacy" ? [["Token", "prefixstable"]] : []],
  ];
  return file(`${name}.network`, sections);
}

function memberOf(bond: string, isPrimary: boolean): Keys {
  return [
    ["Bond", bond],
    ...(isPrimary ? [["PrimarySlave", "yes"] as const] : []),
    ["IPv6AcceptRA", "no"],
    ["LinkLocalAddressing", "no"],
  ];
}

/**
 * Router advertisements are off unless they are asked for, since addresses and routes are given. networkd itself takes them in,
 * whatever the kernel's accept_ra and forwarding say (systemd.network(5), IPv6AcceptRA=).
 */
function settings(each: Link): Keys {
  return [
    ...each.addresses.map((address) => ["Address", address.toString()] as const),
    ...each.routes.filter(isPlainGateway).map(({ via }) => ["Gateway", `${via}`] as const),
    ...each.dns.map((server) => ["DNS", server.toString()] as const),
    ...(each.search.length > 0 ? [["Domains", each.search.join(" ")] as const] : []),
    ...each.vlans.map((vlan) => ["VLAN", vlan] as const),
    ["IPv6AcceptRA", each.advertisements ? "yes" : "no"],
    ["LinkLocalAddressing", each.ipv6 ? "ipv6" : "no"],
    ...(each.privacy ? [["IPv6PrivacyExtensions", "yes"] as const] : []),
    // eui64 is networkd's own default, and older ones do not know the key
    ...(each.addressGeneration === "eui64"
      ? []
      : [["IPv6LinkLocalAddressGenerationMode", each.addressGeneration] as const]),
  ];
}

function isPlainGateway({ to, via, metric }: Route): boolean {
  return to.prefix === 0 && via !== undefined && metric === undefined;
}

function routeSection({ to, via, metric }: Route): IniSection {
  return [
    "Route",
    [
      ["Destination", to.toString()],
      ...(via === undefined ? [] : [["Gateway", via.toString()] as const]),
      ...(via === undefined && to.family === "ipv4" ? [["Scope", "link"] as const] : []),
      ...(metric === undefined ? [] : [["Metric", String(metric)] as const]),
    ],
  ];
}

function device({ name, kind, mtu, vlan, bond }: Link): PlannedFile[] {
  const own: readonly IniSection[] = [
    ...(vlan === undefined ? [] : [["VLAN", [["Id", String(vlan.id)]]] as const]),
    ...(bond === undefined ? [] : [["Bond", bondKeys(bond)] as const]),
  ];
  if (own.length === 0) return [];
  const keys: Keys = [
    ["Name", name],
    ["Kind", kind],
    ...(mtu === undefined ? [] : [["MTUBytes", String(mtu)] as const]),
  ];
  return [file(`${name}.netdev`, [["NetDev", keys], ...own])];
}

function bondKeys({ mode, monitorInterval, lacpRate, hashPolicy }: Bond): Keys {
  return [
    ["Mode", mode],
    ["MIIMonitorSec", `${monitorInterval}ms`],
    ...(lacpRate === undefined ? [] : [["LACPTransmitRate", lacpRate] as const]),
    ...(hashPolicy === undefined ? [] : [["TransmitHashPolicy", hashPolicy] as const]),
  ];
}
