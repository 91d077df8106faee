/** No address has two meanings. Nothing in Kubernetes checks this (kubernetes/kubeadm#3312); packets just go astray. */
import { type Address, Cidr } from "../addresses";
import { nodeLocalAddresses, runtimeOf } from "../derive";
import { FAMILIES } from "../families";
import { pathText } from "../problems";
import {
  alone,
  type Context,
  endpointPlaces,
  interfaceAddresses,
  kindPlaces,
  otherAddresses,
  type Placed,
  podPlaces,
  reservedPlaces,
  servicePlaces,
} from "./context";

/** Where Docker puts its first bridge. */
const DOCKER = Cidr.parse("172.17.0.0/16");

/** Pods, services, the links of the hosts, and single addresses do not touch one another. */
export function overlaps(context: Context): void {
  const ranges = [...podPlaces(context), ...servicePlaces(context)];
  ranges.forEach((range, i) => {
    for (const other of ranges.slice(0, i)) compare(context, other, range);
  });
  for (const place of [...links(context), ...singles(context)]) {
    for (const range of ranges) compare(context, range, place);
  }
  reserved(context, ranges);
}

/** What is reserved may be a part of a link (the addresses of another load balancer are), but holds no address of a host or of the API. */
function reserved(context: Context, ranges: readonly Placed<Cidr>[]): void {
  const places = reservedPlaces(context);
  if (places.length === 0) return;
  const own: Placed<Cidr>[] = [
    ...ranges,
    ...interfaceAddresses(context).map(({ path, value }) => ({ path, value: alone(value.address) })),
    ...endpointPlaces(context).map(({ path, value }) => ({ path, value: alone(value) })),
  ];
  for (const taken of places) {
    for (const place of own) compare(context, taken, place);
  }
}

/** Reports an overlap at `second`, or at `first` when `second` is a default and has no place of its own. */
function compare(context: Context, first: Placed<Cidr>, second: Placed<Cidr>): void {
  if (!first.value.overlaps(second.value)) return;
  if (context.source.has(first.path) && !context.source.has(second.path)) report(context, first, second);
  else report(context, second, first);
}

function report({ source }: Context, { path, value }: Placed<Cidr>, other: Placed<Cidr>): void {
  const inside = other.value.contains(value) ? "lies inside" : "holds";
  const how = value.equals(other.value) ? "is the same as" : inside;
  const origin = `${source.has(other.path) ? "" : "the default of "}${pathText(other.path)}`;
  const message = `${value} ${how} ${other.value} (${origin})`;
  source.error(path, "overlap", `${message}; pods, services and hosts need addresses of their own`);
}

/** The links of the hosts, each once. */
function links(context: Context): Placed<Cidr>[] {
  const seen = new Set<string>();
  const ofHosts = interfaceAddresses(context).map(({ path, value }) => ({ path, value: value.network }));
  return [...ofHosts, ...kindPlaces(context)].filter(
    ({ value }) => !seen.has(value.toString()) && seen.add(value.toString()),
  );
}

function singles(context: Context): Placed<Cidr>[] {
  const caches = nodeLocalAddresses(context.draft);
  const local = FAMILIES.flatMap((family): Placed<Address>[] => {
    const value = caches[family];
    return value === undefined ? [] : [{ path: ["nodeLocalDns", family], value }];
  });
  return [...otherAddresses(context), ...local].map(({ path, value }) => ({ path, value: alone(value) }));
}

/** Docker on a host would take the addresses away; as the cluster's runtime, it does. */
export function dockerBridge(context: Context): void {
  const isRuntime = runtimeOf(context.draft).kind === "docker";
  for (const place of [...podPlaces(context), ...servicePlaces(context), ...links(context)]) {
    if (!place.value.overlaps(DOCKER)) continue;
    const touches = `touches ${DOCKER}, which Docker takes for its own bridge`;
    if (isRuntime) context.source.error(place.path, "docker-bridge", `${touches}; choose another range`);
    else
      context.source.warning(place.path, "docker-bridge", `${touches}; choose another range if a host may run Docker`);
  }
}
