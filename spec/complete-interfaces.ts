/** An interface of a draft without mistakes as the typed spec holds it. */
import { defined } from "./derive";
import { FAMILIES, type Family, perFamily } from "./families";
import type { Bond, Interface, InterfaceFamily, Route } from "./interface-types";
import { items, must } from "./must";
import type { DraftInterface } from "./schema";

/** Throws Error where the rules should have found something missing. */
export function completeInterface(written: DraftInterface): Interface {
  const { mac, mtu, vlan, bond, ipv6 } = written;
  return {
    name: must(written.name, "an interface's name"),
    ...(mac === undefined ? {} : { mac }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(vlan === undefined ? {} : { vlan: { id: must(vlan.id, "vlan.id"), parent: must(vlan.parent, "vlan.parent") } }),
    ...(bond === undefined ? {} : { bond: completeBond(bond) }),
    ip: defined(perFamily<InterfaceFamily | undefined>(FAMILIES, (family) => ofFamily(written, family))),
    ipv6: ipv6 !== undefined,
    advertisements: ipv6?.advertisements === true,
    privacy: ipv6?.privacy === true,
    addressGeneration: ipv6?.addressGeneration ?? "eui64",
    dns: items(written.dns, "an interface's dns"),
    search: items(written.search, "an interface's search"),
  };
}

function ofFamily(written: DraftInterface, family: Family): InterfaceFamily | undefined {
  const { address, gateway, gatewayMetric, secondary, routes } = written[family] ?? {};
  if (address === undefined) return undefined;
  return {
    address,
    secondary: items(secondary, "secondary addresses"),
    ...(gateway === undefined ? {} : { gateway }),
    ...(gatewayMetric === undefined ? {} : { gatewayMetric }),
    routes: items<NonNullable<typeof routes>[number]>(routes, "routes").map((route): Route => {
      const { to, via, metric } = must(route, "a route");
      return {
        to: must(to, "where a route leads"),
        ...(via === undefined ? {} : { via }),
        ...(metric === undefined ? {} : { metric }),
      };
    }),
  };
}

function completeBond(written: NonNullable<DraftInterface["bond"]>): Bond {
  const { lacpRate, hashPolicy, primary } = written;
  return {
    members: items(written.members, "bond.members"),
    mode: must(written.mode, "bond.mode"),
    monitorInterval: must(written.monitorInterval, "bond.monitorInterval"),
    ...(lacpRate === undefined ? {} : { lacpRate }),
    ...(hashPolicy === undefined ? {} : { hashPolicy }),
    ...(primary === undefined ? {} : { primary }),
  };
}
