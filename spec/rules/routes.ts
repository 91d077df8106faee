/** Rules about where packets of a host go: gateways, further routes, and what Kubernetes needs of the default route. */
import { type Address, Cidr } from "../addresses";
import { backendOf } from "../derive";
import { FAMILIES, type Family, ipFamily } from "../families";
import type { Path } from "../problems";
import type { DraftInterface } from "../schema";
import { addressesOf, allInterfaces, type Context, hostPlaces, interfacePlaces, type Placed } from "./context";

type One = Placed<DraftInterface>;

const LINK_LOCAL = Cidr.parse("fe80::/10");

export function gateways(context: Context): void {
  for (const host of hostPlaces(context)) {
    const all = interfacePlaces(host);
    for (const family of FAMILIES) {
      for (const one of all) checkGateway(context, one, family);
      gatewaysApart(context, all, family);
    }
    advertisedToo(context, all);
  }
}

function checkGateway(context: Context, { path, value }: One, family: Family): void {
  const { gateway, gatewayMetric } = value[family] ?? {};
  const at = [...path, family];
  if (gateway !== undefined) checkHop(context, { path, value }, [...at, "gateway"], gateway);
  else if (gatewayMetric !== undefined && !context.source.has([...at, "gateway"]))
    context.source.error([...at, "gatewayMetric"], "metric-alone", "there is no gateway; give one, or leave it out");
}

/** The next router is on the link and is not the host; IPv6 routers have a link-local address there as well. */
function checkHop({ source }: Context, one: One, at: Path, hop: Address): void {
  const own = addressesOf(one)
    .map(({ value }) => value)
    .filter(({ family }) => family === hop.family);
  const [first] = own;
  if (first === undefined) return;
  if (own.some(({ address }) => address.equals(hop)))
    source.error(at, "gateway-self", "is the interface's own address; give the router's");
  else if (!own.some(({ network }) => network.contains(hop)) && !LINK_LOCAL.contains(hop)) {
    const also = hop.family === "ipv6" ? ", or a link-local address (fe80::...)" : "";
    source.error(at, "gateway-off-link", `is not on the link ${first.network}; give an address of it${also}`);
  }
}

/** Of several default routes of a family each has a metric of its own; else the kernel refuses one, or takes either. */
function gatewaysApart({ source }: Context, all: readonly One[], family: Family): void {
  const found = all.filter(({ value }) => value[family]?.gateway !== undefined);
  if (found.length < 2) return;
  const metrics = found.map(({ value }) => value[family]?.gatewayMetric);
  if (!metrics.includes(undefined) && new Set(metrics).size === metrics.length) return;
  for (const { path } of found.slice(1)) {
    const message = `the host has an ${ipFamily(family)} default route already; keep one gateway per family, or give each a gatewayMetric of its own`;
    source.error([...path, family, "gateway"], "gateway-second", message);
  }
}

/** Two default routes, one of which anybody on the link can change. */
function advertisedToo({ source }: Context, all: readonly One[]): void {
  const gateway = all.find(({ value }) => value.ipv6?.gateway !== undefined);
  const advertised = all.find(({ value }) => value.ipv6?.advertisements === true);
  if (gateway === undefined || advertised === undefined) return;
  const message = `routers advertise a default route as well, beside the gateway of ${gateway.value.name ?? "the host"}; keep one of the two`;
  source.warning([...advertised.path, "ipv6", "advertisements"], "advertisements-and-gateway", message);
}

export function routes(context: Context): void {
  for (const one of allInterfaces(context)) for (const family of FAMILIES) checkRoutes(context, one, family);
}

function checkRoutes(context: Context, one: One, family: Family): void {
  const { source } = context;
  const seen = new Set<string>();
  for (const [i, route] of (one.value[family]?.routes ?? []).entries()) {
    if (route === undefined) continue;
    const at = [...one.path, family, "routes", i];
    if (route.via !== undefined) checkHop(context, one, [...at, "via"], route.via);
    if (route.to === undefined) continue;
    if (route.to.prefix === 0)
      source.error([...at, "to"], "route-default", "is the default route; write it as gateway and gatewayMetric");
    const key = `${route.to} ${route.metric ?? ""}`;
    if (seen.has(key))
      source.error([...at, "to"], "route-twice", "there is a route to it with this metric already; write it once");
    seen.add(key);
  }
}

/** Without a way out a host still gets a default route (hosts/network/links.ts), by which Services are reached and flannel starts. */
export function defaultRoutes(context: Context): void {
  const { source, draft, families = [] } = context;
  for (const host of hostPlaces(context)) {
    if (backendOf(draft, host.value) === "none") continue;
    const all = interfacePlaces(host);
    const missing = families.filter((family) => {
      const hasAddress = all.some(({ value }) => value[family]?.address !== undefined);
      return (
        hasAddress &&
        !all.some(({ path, value }) => leadsOut(value, family) || source.has([...path, family, "gateway"]))
      );
    });
    if (missing.length > 0) {
      const which = missing.map(ipFamily).join(" and ");
      const message = `there is no ${which} gateway: hosts and pods reach nothing beyond the link by it; add one, if there is one`;
      source.warning([...host.path, "interfaces"], "gateway-missing", message);
    }
  }
}

function leadsOut(one: DraftInterface, family: Family): boolean {
  return one[family]?.gateway !== undefined || (family === "ipv6" && one.ipv6?.advertisements === true);
}
