/** NetworkManager: a keyfile for each link (nm-settings-keyfile(5)). It takes a keyfile that others can read for none. */
import { type Family, ipFamily } from "../../spec/families";
import type { Bond, Route } from "../../spec/interface-types";
import type { PlannedFile } from "../document";
import { type IniSection, toIni } from "../serialize";
import { type Link, of, routesOf } from "./links";

export function keyfiles(all: readonly Link[]): PlannedFile[] {
  return all.map((each) => ({
    path: `/etc/NetworkManager/system-connections/dualstack-${each.name}.nmconnection`,
    mode: "0600",
    handler: "network",
    text: toIni(sections(each)),
  }));
}

type Keys = IniSection[1];

const TYPES = { link: "ethernet", member: "ethernet", bond: "bond", vlan: "vlan" } as const;

function sections(each: Link): IniSection[] {
  const { name, kind, mac, mtu, master, bond, vlan } = each;
  const connection: Keys = [
    ["id", `dualstack-${name}`],
    ["type", TYPES[kind]],
    // a card that is known by its address is found under any name
    ...(mac === undefined ? [["interface-name", name] as const] : []),
    // goes before what an installer or a cloud's first boot left
    ["autoconnect-priority", "100"],
    ...(kind === "bond" ? [["autoconnect-slaves", "1"] as const] : []),
    ...(master === undefined
      ? []
      : ([
          ["master", master],
          ["slave-type", "bond"],
        ] as const)),
  ];
  const ethernet: Keys = [
    ...(mac === undefined ? [] : [["mac-address", mac.toUpperCase()] as const]),
    ...(mtu === undefined ? [] : [["mtu", String(mtu)] as const]),
  ];
  return [
    ["connection", connection],
    ["ethernet", ethernet],
    ["bond", bond === undefined ? [] : bondKeys(bond)],
    // 1: the order of headers, NetworkManager's own default
    [
      "vlan",
      vlan === undefined
        ? []
        : [
            ["flags", "1"],
            ["id", String(vlan.id)],
            ["parent", vlan.parent],
          ],
    ],
    ...(master === undefined ? ([family(each, "ipv4"), family(each, "ipv6")] as const) : []),
  ];
}

function bondKeys({ mode, monitorInterval, lacpRate, hashPolicy, primary }: Bond): Keys {
  return [
    ["mode", mode],
    ["miimon", String(monitorInterval)],
    ...(lacpRate === undefined ? [] : [["lacp_rate", lacpRate] as const]),
    ...(hashPolicy === undefined ? [] : [["xmit_hash_policy", hashPolicy] as const]),
    ...(primary === undefined ? [] : [["primary", primary] as const]),
  ];
}

const ADDRESS_GENERATION = { eui64: "0", "stable-privacy": "1" } as const;

function family(each: Link, which: Family): IniSection {
  const addresses = of(which, each.addresses);
  const { defaults, others } = routesOf(each, which);
  const plain = defaults.filter(({ via, metric }) => via !== undefined && metric === undefined);
  const routes = [...defaults.filter((route) => !plain.includes(route)), ...others];
  const servers = of(which, each.dns);
  const keys: Keys = [
    ["method", method(each, which)],
    ...addresses.map((address, i) => [`address${i + 1}`, `${address}`] as const),
    ...plain.map(({ via }) => ["gateway", `${via}`] as const),
    ...routes.map((route, i) => [`route${i + 1}`, routeText(route, which)] as const),
    ...(servers.length > 0 ? [["dns", list(servers)] as const] : []),
    ...(each.search.length > 0 && method(each, which) !== "disabled"
      ? [["dns-search", list(each.search)] as const]
      : []),
  ];
  return [ipFamily(which).toLowerCase(), [...keys, ...OWN[which](each)]];
}

/** What only one family has. */
const OWN: { readonly [F in Family]: (each: Link) => Keys } = {
  ipv4: () => [],
  ipv6: ({ ipv6, privacy, addressGeneration }) =>
    ipv6
      ? [
          ["addr-gen-mode", ADDRESS_GENERATION[addressGeneration]],
          // 2: temporary addresses are used first
          ["ip6-privacy", privacy ? "2" : "0"],
        ]
      : [],
};

/** With `auto` NetworkManager itself takes in router advertisements, whatever the kernel's accept_ra and forwarding say; static addresses stay beside them. */
function method(each: Link, which: Family): string {
  if (which === "ipv6" && each.advertisements) return "auto";
  if (of(which, each.addresses).length > 0) return "manual";
  return which === "ipv6" && each.ipv6 ? "link-local" : "disabled";
}

const NOWHERE: Readonly<Record<Family, string>> = { ipv4: "0.0.0.0", ipv6: "::" };

/** range,next router,metric */
function routeText({ to, via, metric }: Route, which: Family): string {
  const hop = via?.toString() ?? NOWHERE[which];
  return metric === undefined ? `${to},${hop}` : `${to},${hop},${metric}`;
}

function list(values: readonly unknown[]): string {
  return values.map((value) => `${value};`).join("");
}
