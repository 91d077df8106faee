/** Debian's ifupdown: one file for all links (interfaces(5)). Bonds need the package ifenslave. */
import type { Family } from "../../spec/families";
import type { Bond, Route } from "../../spec/interface-types";
import type { PlannedFile } from "../document";
import { type Link, of, routesOf } from "./links";

/**
 * /etc/network/interfaces as a whole, since a second stanza of an interface would be applied as well. What is in interfaces.d
 * stays: those are interfaces that the spec does not name.
 */
export function ifupdown(all: readonly Link[]): PlannedFile[] {
  const stanzas = ["source /etc/network/interfaces.d/*", "auto lo\niface lo inet loopback", ...all.flatMap(link)];
  return [{ path: "/etc/network/interfaces", mode: "0644", handler: "network", text: `${stanzas.join("\n\n")}\n` }];
}

type Line = readonly [key: string, value: string | number | undefined];

/** The bond brings its members up, and gives them its MTU. */
function link(each: Link): string[] {
  if (each.kind === "member") return [];
  const families = [...new Set(each.addresses.map(({ family }) => family))];
  const bodies = [
    ...families.flatMap((family) => withAddresses(each, family)),
    ...(each.ipv6 && !families.includes("ipv6") ? [withoutAddress(each)] : []),
  ];
  const [first = stanza(each, "inet manual", own(each)), ...others] = bodies;
  return [`auto ${each.name}\n${first}`, ...others];
}

function stanza({ name }: Link, method: string, lines: readonly Line[]): string {
  const written = lines.filter(([, value]) => value !== undefined);
  return [`iface ${name} ${method}`, ...written.map(([key, value]) => `    ${key} ${value}`)].join("\n");
}

/** What belongs to the link, not to a family: it is written once, in the first stanza. A VLAN is known by its name, PARENT.ID. */
function own({ mtu, bond }: Link): Line[] {
  return [["mtu", mtu], ...(bond === undefined ? [] : bondLines(bond))];
}

function bondLines({ members, mode, monitorInterval, lacpRate, hashPolicy, primary }: Bond): Line[] {
  return [
    ["bond-slaves", members.join(" ")],
    ["bond-mode", mode],
    ["bond-miimon", monitorInterval],
    ["bond-lacp-rate", lacpRate],
    ["bond-xmit-hash-policy", hashPolicy],
    ["bond-primary", primary],
  ];
}

/** Each further address is a stanza of its own. */
function withAddresses(each: Link, family: Family): string[] {
  const [first, ...others] = of(family, each.addresses);
  const { defaults, others: routes } = routesOf(each, family);
  const gateways = defaults.filter(({ via }) => via !== undefined);
  const commands = [...defaults.filter(({ via }) => via === undefined), ...routes];
  const isFirst = each.addresses[0] === first;
  const kind = `${INET[family]} static`;
  return [
    stanza(each, kind, [
      ["address", `${first}`],
      ...(isFirst ? own(each) : []),
      ...gateways.flatMap(({ via, metric }): Line[] => [
        ["gateway", `${via}`],
        ["metric", metric],
      ]),
      ...OWN[family](each),
      ...(isFirst ? resolver(each) : []),
      ...commands.map((route): Line => ["up", command(route)]),
    ]),
    ...others.map((address) => stanza(each, kind, [["address", `${address}`], ...OWN[family](each)])),
  ];
}

/** IPv6 by router advertisements alone. */
function withoutAddress(each: Link): string {
  const isFirst = each.addresses.length === 0;
  return stanza(each, "inet6 auto", [
    ...(isFirst ? own(each) : []),
    ["accept_ra", 2],
    ["privext", each.privacy ? 2 : 0],
    ...(isFirst ? resolver(each) : []),
  ]);
}

const INET: Readonly<Record<Family, string>> = { ipv4: "inet", ipv6: "inet6" };

/** The kernel takes in advertisements: 2 means, though it forwards (ip-sysctl.rst). */
const OWN: { readonly [F in Family]: (each: Link) => Line[] } = {
  ipv4: () => [],
  ipv6: ({ advertisements, privacy }) => [
    ["accept_ra", advertisements ? 2 : 0],
    ["autoconf", advertisements ? 1 : 0],
    ["privext", privacy ? 2 : 0],
  ],
};

/** Read by resolvconf, or by systemd-resolved's hook. */
function resolver({ dns, search }: Link): Line[] {
  return [
    ["dns-nameservers", dns.length > 0 ? dns.join(" ") : undefined],
    ["dns-search", search.length > 0 ? search.join(" ") : undefined],
  ];
}

const IP: Readonly<Record<Family, string>> = { ipv4: "ip", ipv6: "ip -6" };

/** ifupdown has no key for routes. Every part is an address, a range or a number by its type, and $IFACE is ifupdown's own. */
function command({ to, via, metric }: Route): string {
  const hop = via === undefined ? "" : ` via ${via}`;
  const cost = metric === undefined ? "" : ` metric ${metric}`;
  return `${IP[to.family]} route replace ${to}${hop} dev $IFACE${cost}`;
}
