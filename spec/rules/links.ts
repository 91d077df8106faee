/** Rules about links and routes: what hosts of one network have to agree on. */
import { type Address, bitsOf, Cidr } from "../addresses";
import { FAMILIES, type Family } from "../families";
import { type Path, pathText } from "../problems";
import type { DraftInterface } from "../schema";
import {
  addressesOf,
  allInterfaces,
  type Context,
  hostPlaces,
  interfaceAddresses,
  interfacePlaces,
  type Placed,
} from "./context";

/**
 * Hosts of one link have one prefix length: else each thinks that a part of the others is elsewhere. An address alone (/32, /128)
 * claims no link.
 */
export function linkPrefixes(context: Context): void {
  const links = new Map<string, Placed<Cidr>>();
  for (const { path, value } of interfaceAddresses(context)) {
    if (value.prefix === bitsOf(value.family)) continue;
    if (!links.has(value.network.toString())) links.set(value.network.toString(), { path, value: value.network });
  }
  // Sorted by place and size, a range that holds the next one comes before it.
  const sorted = [...links.values()].sort((a, b) => compare(a.value, b.value));
  const around: Placed<Cidr>[] = [];
  for (const link of sorted) {
    while (around.length > 0 && !around.at(-1)!.value.contains(link.value)) around.pop();
    const outer = around.at(-1);
    if (outer !== undefined) reportPrefix(context, outer, link);
    around.push(link);
  }
}

function compare(a: Cidr, b: Cidr): number {
  if (a.family !== b.family) return a.family < b.family ? -1 : 1;
  if (a.network.value !== b.network.value) return a.network.value < b.network.value ? -1 : 1;
  return a.prefix - b.prefix;
}

function reportPrefix({ source }: Context, outer: Placed<Cidr>, inner: Placed<Cidr>): void {
  const message = `its link ${inner.value} is a part of ${outer.value} (${pathText(outer.path)}); give all hosts of a link the same prefix length`;
  source.error(inner.path, "link-prefix", message);
}

/** A host that has two interfaces on one link answers on the wrong one. */
export function linksOnce(context: Context): void {
  for (const host of hostPlaces(context)) {
    const seen = new Map<string, { readonly path: Path; readonly one: number }>();
    for (const [one, each] of interfacePlaces(host).entries()) {
      for (const { path, value } of addressesOf(each)) {
        const first = seen.get(value.network.toString());
        if (first === undefined) seen.set(value.network.toString(), { path, one });
        else if (first.one !== one) {
          const message = `the host has an interface on ${value.network} already (${pathText(first.path)}); answers may leave by the wrong one`;
          context.source.warning(path, "link-twice", message);
        }
      }
    }
  }
}

/** flannel's host-gw and Cilium's native routing write routes to the other hosts as next hops: they must be on the link. */
export function hostGateways(context: Context): void {
  const { source, draft, families = [] } = context;
  const backend = draft.cni?.backend;
  if (backend !== "host-gw" && backend !== "native") return;
  const links = new Map<Family, Placed<Cidr>>();
  for (const host of hostPlaces(context)) {
    for (const family of families) {
      const first = interfacePlaces(host)
        .flatMap(addressesOf)
        .find(({ value }) => value.family === family);
      if (first === undefined) continue;
      const known = links.get(family);
      if (known === undefined) links.set(family, { path: first.path, value: first.value.network });
      else if (!known.value.contains(first.value.address)) {
        const message = `is not on ${known.value}, the link of the first host, and ${backend} needs all hosts on one; use cni.backend: vxlan`;
        source.error(first.path, "host-gw-link", message);
      }
    }
  }
}

const TAILNET: readonly Cidr[] = [Cidr.parse("100.64.0.0/10"), Cidr.parse("fd7a:115c:a1e0::/48")];

/** Tailscale's interface carries 1280 bytes (net/tstun): VXLAN in it leaves less than IPv6 needs. */
export function tailnet(context: Context): void {
  const { source, draft, families = [] } = context;
  if (!draft.cni?.backend?.startsWith("vxlan") || !families.includes("ipv6")) return;
  for (const { path, value } of allInterfaces(context)) {
    if (value.mtu !== undefined || !addresses(value).some(inTailnet)) continue;
    const message =
      "a tailnet carries packets of 1280 bytes, and VXLAN in it leaves less than IPv6 needs; set mtu to what TS_DEBUG_MTU was raised to (1350 or more), or use other addresses";
    source.error(path, "mtu-tailnet", message);
  }
}

function addresses(one: DraftInterface): Address[] {
  return FAMILIES.flatMap((family) => one[family]?.address?.address ?? []);
}

function inTailnet(address: Address): boolean {
  return TAILNET.some((range) => range.contains(address));
}
