/** netplan: one file for all links, for its networkd renderer (netplan's reference, netplan-yaml). It may hold secrets, so netplan wants 0600. */
import type { Bond, Route } from "../../spec/interface-types";
import type { PlannedFile } from "../document";
import { toYaml } from "../serialize";
import type { Link } from "./links";

export function netplan(all: readonly Link[]): PlannedFile[] {
  const kind = (...kinds: Link["kind"][]) => {
    const some = all.filter((each) => kinds.includes(each.kind));
    return some.length === 0 ? undefined : Object.fromEntries(some.map((each) => [each.name, settings(each)]));
  };
  const network = {
    version: 2,
    renderer: "networkd",
    ethernets: kind("link", "member"),
    bonds: kind("bond"),
    vlans: kind("vlan"),
  };
  // netplan joins all files in the order of their names, so this one has the last word
  return [{ path: "/etc/netplan/90-dualstack.yaml", mode: "0600", handler: "network", text: toYaml({ network }) }];
}

function settings(each: Link) {
  const { name, mac, mtu, master, bond, vlan, dns, search } = each;
  const found = mac === undefined ? {} : { match: { macaddress: mac }, "set-name": name };
  const off = { dhcp4: false, dhcp6: false, "accept-ra": each.advertisements };
  if (master !== undefined) return { ...found, ...off, mtu, "link-local": [] };
  return {
    ...found,
    ...off,
    mtu,
    ...(bond === undefined ? {} : { interfaces: bond.members, parameters: parameters(bond) }),
    ...(vlan === undefined ? {} : { id: vlan.id, link: vlan.parent }),
    addresses: some(each.addresses.map(String)),
    routes: some(each.routes.map(route)),
    nameservers:
      dns.length + search.length === 0 ? undefined : { addresses: some(dns.map(String)), search: some(search) },
    "link-local": each.ipv6 ? ["ipv6"] : [],
    ...(each.privacy ? { "ipv6-privacy": true } : {}),
    // eui64 is networkd's own default
    ...(each.addressGeneration === "eui64" ? {} : { "ipv6-address-generation": each.addressGeneration }),
  };
}

function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

function route({ to, via, metric }: Route) {
  return {
    to: to.prefix === 0 && via !== undefined ? "default" : to.toString(),
    ...(via === undefined ? { scope: "link" } : { via: via.toString() }),
    metric,
  };
}

function parameters({ mode, monitorInterval, lacpRate, hashPolicy, primary }: Bond) {
  return {
    mode,
    "mii-monitor-interval": monitorInterval,
    "lacp-rate": lacpRate,
    "transmit-hash-policy": hashPolicy,
    primary,
  };
}
