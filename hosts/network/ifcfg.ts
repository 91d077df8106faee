/**
 * ifcfg files of CentOS and RHEL up to 9, as initscripts and NetworkManager's ifcfg-rh plugin read them (initscripts'
 * sysconfig.txt, nm-settings-ifcfg-rh(5)). Whoever of the two runs on the host takes them.
 */
import type { Family } from "../../spec/families";
import type { Bond, Route } from "../../spec/interface-types";
import type { PlannedFile } from "../document";
import { type Link, of, routesOf } from "./links";

const FOLDER = "/etc/sysconfig/network-scripts";

export function ifcfg(all: readonly Link[]): PlannedFile[] {
  return [...global(all), ...all.flatMap((each) => [file(`ifcfg-${each.name}`, ifcfgText(each)), ...routeFiles(each)])];
}

function file(name: string, text: string, folder = FOLDER): PlannedFile {
  return { path: `${folder}/${name}`, mode: "0644", handler: "network", text };
}

type Key = readonly [name: string, value: string | number | undefined];

/** The shell reads these files; a value with a blank is in quotes. */
function assignments(keys: readonly Key[]): string {
  const written = keys.filter(([, value]) => value !== undefined).map(([name, value]) => [name, `${value}`] as const);
  return written.map(([name, value]) => `${name}=${value.includes(" ") ? `"${value}"` : value}\n`).join("");
}

/**
 * With IPV6FORWARDING=no, ifup-ipv6 turns forwarding off again on every interface that it brings up. The module's options undo what
 * turned IPv6 off on hosts of these distributions.
 */
function global(all: readonly Link[]): PlannedFile[] {
  const six = all.some(({ ipv6 }) => ipv6);
  const keys: Key[] = [
    ["NETWORKING", "yes"],
    ["NETWORKING_IPV6", six ? "yes" : "no"],
    ["IPV6FORWARDING", six ? "yes" : "no"],
  ];
  const module = file("dualstack-ipv6.conf", "options ipv6 disable=0 disable_ipv6=0\n", "/etc/modprobe.d");
  return [file("network", assignments(keys), "/etc/sysconfig"), ...(six ? [module] : [])];
}

const TYPES = { link: "Ethernet", member: "Ethernet", bond: "Bond", vlan: "Vlan" } as const;

function ifcfgText(each: Link): string {
  const { name, kind, mac, mtu, master, bond, vlan } = each;
  const [four, six] = [of("ipv4", each.addresses), of("ipv6", each.addresses)];
  return assignments([
    ["DEVICE", name],
    ["NAME", name],
    ["TYPE", TYPES[kind]],
    // ifup-eth compares it with capital letters
    ["HWADDR", mac?.toUpperCase()],
    ["ONBOOT", "yes"],
    ["NM_CONTROLLED", "yes"],
    // goes before what an installer left under another name; only the plugin knows it
    ["AUTOCONNECT_PRIORITY", 100],
    ["BOOTPROTO", "none"],
    ["MTU", mtu],
    ...(bond === undefined ? [] : bondKeys(bond)),
    ...(master === undefined
      ? []
      : ([
          ["MASTER", master],
          ["SLAVE", "yes"],
        ] as const)),
    // initscripts know VID, the plugin knows VLAN_ID
    ...(vlan === undefined
      ? []
      : ([
          ["VLAN", "yes"],
          ["PHYSDEV", vlan.parent],
          ["VID", vlan.id],
          ["VLAN_ID", vlan.id],
        ] as const)),
    ...(master === undefined
      ? [...ipv4(each, four.map(String)), ...ipv6(each, six.map(String)), ...resolver(each)]
      : []),
  ]);
}

function bondKeys({ mode, monitorInterval, lacpRate, hashPolicy, primary }: Bond): Key[] {
  const options: Key[] = [
    ["mode", mode],
    ["miimon", monitorInterval],
    ["lacp_rate", lacpRate],
    ["xmit_hash_policy", hashPolicy],
    ["primary", primary],
  ];
  const written = options.filter(([, value]) => value !== undefined);
  return [
    ["BONDING_MASTER", "yes"],
    // ifup brings the members up with the bond, the plugin only so
    ["AUTOCONNECT_SLAVES", "yes"],
    ["BONDING_OPTS", written.map(([name, value]) => `${name}=${value}`).join(" ")],
  ];
}

/** The first pair has no number: that is the address whose link must hold GATEWAY. */
function ipv4(each: Link, addresses: readonly string[]): Key[] {
  const [gateway] = gateways(each, "ipv4");
  return [
    ...addresses.flatMap((text, i): Key[] => {
      const [address, prefix] = text.split("/");
      const number = i === 0 ? "" : String(i);
      return [
        [`IPADDR${number}`, address],
        [`PREFIX${number}`, prefix],
      ];
    }),
    ["GATEWAY", gateway?.via?.toString()],
    ["DEFROUTE", gateway && "yes"],
  ];
}

/**
 * With forwarding, IPV6_AUTOCONF=yes makes ifup-ipv6 set accept_ra to 2. eui64 is what initscripts and the plugin take when
 * IPV6_ADDR_GEN_MODE is missing, which is why it is: with stable-privacy CentOS 7 did not take static addresses.
 */
function ipv6(each: Link, addresses: readonly string[]): Key[] {
  // to the plugin, IPV6INIT=no alone says that somebody else looks after IPv6
  if (!each.ipv6)
    return [
      ["IPV6INIT", "no"],
      ["IPV6_DISABLED", "yes"],
    ];
  const [first, ...secondaries] = addresses;
  const [gateway] = gateways(each, "ipv6");
  return [
    ["IPV6INIT", "yes"],
    ["IPV6_AUTOCONF", each.advertisements ? "yes" : "no"],
    ["IPV6_FORCE_ACCEPT_RA", each.advertisements ? "yes" : undefined],
    ["IPV6ADDR", first],
    ["IPV6ADDR_SECONDARIES", secondaries.length > 0 ? secondaries.join(" ") : undefined],
    ["IPV6_DEFAULTGW", gateway?.via && scoped(gateway.via.toString(), each.name)],
    ["IPV6_DEFROUTE", gateway === undefined && !each.advertisements ? undefined : "yes"],
    ["IPV6_MTU", each.mtu],
    ["IPV6_PRIVACY", each.privacy ? "rfc3041" : "no"],
    ["IPV6_ADDR_GEN_MODE", each.addressGeneration === "eui64" ? undefined : each.addressGeneration],
  ];
}

/** A link-local router is one of an interface (RFC 4007). */
function scoped(address: string, name: string): string {
  return address.startsWith("fe80:") ? `${address}%${name}` : address;
}

function resolver({ dns, search }: Link): Key[] {
  return [
    ...dns.map((server, i): Key => [`DNS${i + 1}`, `${server}`]),
    ["DOMAIN", search.length > 0 ? search.join(" ") : undefined],
  ];
}

/** Default routes that the main file can say: by a router, without a metric. */
function gateways(each: Link, family: Family): Route[] {
  return routesOf(each, family).defaults.filter(({ via, metric }) => via !== undefined && metric === undefined);
}

const ROUTE_FILES: Readonly<Record<Family, string>> = { ipv4: "route", ipv6: "route6" };

/** The other routes, in the words of `ip route add`, which gets the lines as they are. */
function routeFiles(each: Link): PlannedFile[] {
  return (["ipv4", "ipv6"] as const).flatMap((family) => {
    const { defaults, others } = routesOf(each, family);
    const plain = gateways(each, family);
    const lines = [...defaults.filter((route) => !plain.includes(route)), ...others].map(({ to, via, metric }) => {
      const hop = via === undefined ? "" : ` via ${via}`;
      return `${to}${hop} dev ${each.name}${metric === undefined ? "" : ` metric ${metric}`}\n`;
    });
    return lines.length === 0 ? [] : [file(`${ROUTE_FILES[family]}-${each.name}`, lines.join(""))];
  });
}
