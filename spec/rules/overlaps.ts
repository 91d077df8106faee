/** No address has two meanings. Nothing in Kubernetes checks this (kubernetes/kubeadm#3312); packets just go astray. */
import { Cidr } from "../addresses";
import {
  alone,
  type Context,
  interfaceAddresses,
  named,
  otherAddresses,
  type Placed,
  podPlaces,
  servicePlaces,
} from "./context";

/** Where Docker puts its first bridge. */
const DOCKER = Cidr.parse("172.17.0.0/16");

/** Pods, services, the links of the hosts, and single addresses do not touch one another. */
export function overlaps(context: Context): void {
  const ranges = [...podPlaces(context), ...servicePlaces(context)];
  ranges.forEach((range, i) => {
    for (const other of ranges.slice(0, i)) report(context, other, range);
  });
  for (const place of [...links(context), ...singles(context)]) {
    for (const range of ranges) report(context, range, place);
  }
}

function report({ source }: Context, first: Placed<Cidr>, second: Placed<Cidr>): void {
  if (!first.value.overlaps(second.value)) return;
  const how = first.value.equals(second.value)
    ? "is the same as"
    : first.value.contains(second.value)
      ? "lies inside"
      : "holds";
  const [name, other] = [named({ path: second.path, value: second.value }), named(first)];
  const message = `${name} ${how} ${other}; pods, services and hosts need addresses of their own`;
  // A default has no place of its own: then the other range is where something can be changed.
  const at = source.has(second.path) || !source.has(first.path) ? second.path : first.path;
  source.error(at, "overlap", message);
}

/** The links of the hosts, each once. */
function links(context: Context): Placed<Cidr>[] {
  const seen = new Set<string>();
  return interfaceAddresses(context)
    .map(({ path, value }) => ({ path, value: value.network }))
    .filter(({ value }) => !seen.has(value.toString()) && seen.add(value.toString()));
}

function singles(context: Context): Placed<Cidr>[] {
  return otherAddresses(context).map(({ path, value }) => ({ path, value: alone(value) }));
}

/** Docker on a host would take the addresses away. */
export function dockerBridge(context: Context): void {
  for (const place of [...podPlaces(context), ...servicePlaces(context), ...links(context)]) {
    if (!place.value.overlaps(DOCKER)) continue;
    const message = `touches ${DOCKER}, which Docker takes for its own bridge; choose another range if a host may run Docker`;
    context.source.warning(place.path, "docker-bridge", message);
  }
}
