/** Rules about the hosts as a set: names, roles, addresses. */
import type { Address } from "../addresses";
import { hostName, hostTarget, namedEndpoint, nodeAddresses } from "../derive";
import { FAMILIES } from "../families";
import { type Path, pathText } from "../problems";
import type { DraftHost } from "../schema";
import { type Context, endpointPlaces, hostPlaces, interfaceAddresses, type Placed } from "./context";

/** Host names are node names: each once, and not localhost. */
export function hostNames(context: Context): void {
  const outside = context.draft.verification?.outside?.name;
  for (const place of hostPlaces(context)) nameFromAddress(context, place);
  const names = hostPlaces(context).flatMap(({ path, value }) => nameAt(path, hostName(value)));
  const all = [...names, ...nameAt(["verification", "outside"], outside)];
  const seen = new Set<string>();
  for (const { path, value } of all) {
    if (value === "localhost")
      context.source.error(path, "name-localhost", "localhost is every machine's own name; give another");
    else if (seen.has(value)) context.source.error(path, "name-twice", "another host has this name; names are unique");
    seen.add(value);
  }
}

/** A name that is to be made of an address needs one. */
function nameFromAddress({ source }: Context, { path, value }: Placed<DraftHost>): void {
  if (typeof value.name !== "object" || value.name.from === undefined || hostName(value) !== undefined) return;
  const { from } = value.name;
  if (value.interfaces?.some((one) => one === undefined || (one[from] !== undefined && !one[from].address))) return;
  source.error([...path, "name", "from"], "name-address", `the host has no ${from} address; add one, or write a name`);
}

function nameAt(path: Path, name: string | undefined): Placed<string>[] {
  return name === undefined ? [] : [{ path: [...path, "name"], value: name }];
}

/** No address is given to two interfaces, or to the outside host as well. */
export function addressesOnce(context: Context): void {
  const outside = context.draft.verification?.outside;
  const all: Placed<Address>[] = interfaceAddresses(context).map(({ path, value }) => ({ path, value: value.address }));
  for (const family of FAMILIES) {
    const value = outside?.[family];
    if (value !== undefined) all.push({ path: ["verification", "outside", family], value });
  }
  const seen = new Map<string, Placed<Address>>();
  for (const place of all) {
    const first = seen.get(place.value.toString());
    if (first === undefined) seen.set(place.value.toString(), place);
    else
      context.source.error(
        place.path,
        "address-twice",
        `is ${pathText(first.path)} too; give each host an address of its own`,
      );
  }
}

/** etcd decides by majority: an even number of members survives no more faults than one fewer (etcd FAQ). */
export function controlPlanes(context: Context): void {
  const { source, draft } = context;
  const hosts = hostPlaces(context);
  if (
    draft.hosts === undefined ||
    hosts.length < draft.hosts.length ||
    hosts.some(({ value }) => value.role === undefined)
  )
    return;
  const count = hosts.filter(({ value }) => value.role === "control-plane").length;
  if (count === 0)
    source.error(["hosts"], "control-plane-none", "no host has the role control-plane; give it to one, or to three");
  else if (count % 2 === 0) {
    const message = `${count} control planes survive no more faults than ${count - 1}; use 1, 3 or 5`;
    source.error(["hosts"], "control-plane-even", message);
  } else if (count > 1) sharedEndpoint(context);
}

/** With several control planes, an endpoint that is one host's address goes down with it. */
function sharedEndpoint({ source, draft }: Context): void {
  const path = ["network", "endpoint"];
  const written = namedEndpoint(draft);
  if (written === undefined && source.has(path)) return;
  if (written !== undefined && !isOfHost(draft.hosts, written.address)) return;
  const message =
    "the endpoint is the address of one control plane, and goes down with it; give a name, or virtual addresses: endpoint: {ipv4: ..., ipv6: ...}";
  source.warning(path, "endpoint-one-host", message);
}

function isOfHost(hosts: Context["draft"]["hosts"], address: Address | undefined): boolean {
  if (address === undefined) return false;
  return (hosts ?? []).some((host) => nodeAddresses(host?.interfaces)[address.family]?.equals(address));
}

/** The API does not run on workers, and a family that the cluster has not leads nowhere. */
export function endpointPlace(context: Context): void {
  const { source, draft, families } = context;
  const workers = draft.hosts?.filter((host) => host?.role === "worker");
  for (const { path, value } of endpointPlaces(context)) {
    if (families !== undefined && !families.includes(value.family)) {
      const message = `the cluster has no ${value.family}; give a name or an address of ${families.join(" or ")}`;
      source.error(path, "endpoint-family", message);
    }
    if (!isOfHost(workers, value)) continue;
    const message = "is a worker's address, where no Kubernetes API runs; name a control plane";
    source.error(path, "endpoint-worker", message);
  }
}

/** Two hosts that are reached at one address are one machine. */
export function sshAddressesOnce(context: Context): void {
  const seen = new Set<string>();
  for (const { path, value } of hostPlaces(context)) {
    const { address, port } = hostTarget(context.draft, value);
    const target = `${address} ${port}`;
    if (value.ssh?.address !== undefined && seen.has(target)) {
      context.source.error(
        [...path, "ssh", "address"],
        "ssh-address-twice",
        "another host is reached there; each needs its own",
      );
    }
    if (address !== undefined) seen.add(target);
  }
}
