/** The addresses of the load balancer's pools belong to nothing else. */
import { poolSpans } from "../derive-way-in";
import { type Path, pathText } from "../problems";
import type { DraftPool } from "../schema";
import type { Span } from "../spans";
import {
  type Context,
  gatewayPlaces,
  interfaceAddresses,
  kindPlaces,
  otherAddresses,
  type Placed,
  podPlaces,
  reservedPlaces,
  servicePlaces,
} from "./context";

export function poolPlaces({ draft }: Context): Placed<DraftPool>[] {
  return (draft.loadBalancer?.pools ?? []).flatMap((value, i) =>
    value === undefined ? [] : [{ path: ["loadBalancer", "pools", i], value }],
  );
}

/** Every run of addresses of every pool. */
export function spanPlaces(context: Context): Placed<Span>[] {
  return poolPlaces(context).flatMap(({ path, value }) =>
    poolSpans(value).map(({ family, span }) => ({ path: [...path, family], value: span })),
  );
}

/**
 * No pool holds an address of a host, a gateway, the API, a name server or another pool, and none touches the ranges of pods and
 * services or what is reserved: MetalLB would give it to a Service, and two machines would answer for it.
 */
export function poolOverlaps(context: Context): void {
  const spans = spanPlaces(context);
  if (spans.length === 0) return;
  spans.forEach((place, i) => {
    for (const other of spans.slice(0, i)) {
      if (place.value.overlaps(other.value)) report(context, place, `touches ${other.value}`, other.path);
    }
    const ranges = [...podPlaces(context), ...servicePlaces(context), ...reservedPlaces(context)];
    for (const { path, value } of ranges) {
      if (place.value.overlaps(value)) report(context, place, `touches ${value}`, path);
    }
  });
  singles(context, spans);
  links(context, spans);
}

/** Addresses that are somebody's: thousands of hosts against a few pools. */
function singles(context: Context, spans: readonly Placed<Span>[]): void {
  const taken = [
    ...interfaceAddresses(context).map(({ path, value }) => ({ path, value: value.address })),
    ...gatewayPlaces(context),
    ...otherAddresses(context),
  ];
  const seen = new Set<string>();
  for (const { path, value } of taken) {
    for (const place of spans) {
      if (!place.value.contains(value) || seen.has(`${place.path} ${value}`)) continue;
      seen.add(`${place.path} ${value}`);
      report(context, place, `holds ${value}`, path);
    }
  }
}

function report({ source }: Context, { path }: Placed<Span>, what: string, other: Path): void {
  const origin = `${source.has(other) ? "" : "the default of "}${pathText(other)}`;
  source.error(path, "pool-overlap", `${what} (${origin}); a pool needs addresses that nothing else has`);
}

/** The first and the last address of an IPv4 link are no host's (RFC 1122 section 3.2.1.3). */
function links(context: Context, spans: readonly Placed<Span>[]): void {
  const seen = new Set<string>();
  for (const { value } of interfaceAddresses(context)) {
    if (value.family === "ipv6" || value.prefix > 30 || seen.has(`${value.network}`)) continue;
    seen.add(`${value.network}`);
    for (const { path, value: span } of spans) {
      const ends = [value.network.network, value.network.last].filter((address) => span.contains(address));
      if (ends.length === 0) continue;
      const message = `holds ${ends.join(" and ")}, which no host of ${value.network} can have; begin after the first address and end before the last`;
      context.source.error(path, "pool-broadcast", message);
    }
  }
}

/** Does `span` lie on a link of the hosts? */
export function onLink(context: Context, span: Span): boolean {
  const links = [
    ...interfaceAddresses(context).map(({ value }) => value.network),
    ...kindPlaces(context).map(({ value }) => value),
  ];
  return links.some((link) => span.isIn(link));
}
