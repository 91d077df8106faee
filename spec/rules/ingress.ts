/** Rules about ingress controllers: releases, how they are reached, and that the load balancer can serve them. */
import type { Address } from "../addresses";
import { exposureOf, ingressVersion, poolSpans } from "../derive-way-in";
import { FAMILIES } from "../families";
import { type Path, pathText } from "../problems";
import type { DraftIngress, DraftPool } from "../schema";
import { parseVersion, releaseOf } from "../versions";
import { EXTERNAL_IPS_DEPRECATED, INGRESS_NGINX_END, INGRESS_VERSIONS, KONG_BRACKETS } from "../way-in-versions";
import type { Context, Placed } from "./context";
import { poolPlaces } from "./pools";

export function ingressPlaces({ draft }: Pick<Context, "draft">): Placed<DraftIngress>[] {
  return (draft.ingress ?? []).flatMap((value, i) => (value === undefined ? [] : [{ path: ["ingress", i], value }]));
}

/** Two of one kind would watch the same objects under the same names. */
export function ingressAlone(context: Context): void {
  const seen = new Set<string>();
  for (const { path, value } of ingressPlaces(context)) {
    if (value.kind === undefined) continue;
    if (seen.has(value.kind))
      context.source.error([...path, "kind"], "ingress-twice", "is listed already; list it once");
    seen.add(value.kind);
  }
}

/** The release is one whose objects dualstack knows, works with IPv6, and is kept up. */
export function ingressVersions(context: Context): void {
  const { source, families = [], today } = context;
  for (const { path, value } of ingressPlaces(context)) {
    const version = ingressVersion(value);
    if (value.kind === undefined || version === undefined) continue;
    const known = INGRESS_VERSIONS[value.kind];
    const at = [...path, "version"];
    if (value.kind === "kong" && families.includes("ipv6") && isOlder(version, KONG_BRACKETS)) {
      const message = `before ${KONG_BRACKETS} it hands IPv6 endpoints to Kong without brackets, and no IPv6 backend answers (its issue 4391); use ${known[0]}`;
      source.error(at, "kong-brackets", message);
    } else if (!known.includes(version)) {
      const message = `dualstack knows the objects of ${value.kind} ${known.join(" and ")}; choose one of these`;
      source.error(at, "ingress-unknown", message);
    }
    if (value.kind !== "ingress-nginx" || today === undefined || today <= INGRESS_NGINX_END) continue;
    const message = `gets no fixes since ${INGRESS_NGINX_END}, not even for security, and has no further release; move to traefik or envoy-gateway`;
    source.warning([...path, "kind"], "ingress-nginx-ended", message);
  }
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [parseVersion(version), parseVersion(than)];
  if (a === undefined || b === undefined) return false;
  return (a.major - b.major || a.minor - b.minor || a.patch - b.patch) < 0;
}

/** What is written belongs to the way in which the controller is reached. */
export function ingressExposure(context: Context): void {
  const { source, draft } = context;
  for (const { path, value } of ingressPlaces(context)) {
    const how = exposureOf(draft, value);
    if (how === "load-balancer" && !source.has(["loadBalancer"])) {
      const message = "there is no loadBalancer that gives it an address; write one, or expose: node-port";
      source.error([...path, "expose"], "ingress-no-balancer", message);
    }
    const belongs = { nodePorts: "node-port", pool: "load-balancer", addresses: "load-balancer" } as const;
    for (const [key, needed] of Object.entries(belongs)) {
      if (needed === how || !source.has([...path, key])) continue;
      source.error([...path, key], "ingress-unused", `is for ${needed}, and this is ${how}; take it away`);
    }
    if (how === "host-port" && value.kind === "envoy-gateway") {
      const message =
        "Envoy Gateway makes the Services of its Gateways itself and has none without; use load-balancer or node-port";
      source.error([...path, "expose"], "ingress-host-port", message);
    }
  }
}

/** A port of the nodes is given once: to HTTP or HTTPS, of one controller. */
export function ingressPorts(context: Context): void {
  const seen = new Map<number | string, Path>();
  const take = (port: number | string, path: Path) => {
    const first = seen.get(port);
    if (first === undefined) seen.set(port, path);
    else {
      const message = `${typeof port === "number" ? `port ${port} is` : port} taken by ${pathText(first)}; give each controller ports of its own`;
      context.source.error(path, "ingress-port-taken", message);
    }
  };
  for (const { path, value } of ingressPlaces(context)) {
    const how = exposureOf(context.draft, value);
    if (how === "host-port") take("ports 80 and 443 of the nodes are", [...path, "expose"]);
    if (how !== "node-port") continue;
    for (const key of ["http", "https"] as const) {
      const port = value.nodePorts?.[key];
      if (port !== undefined) take(port, [...path, "nodePorts", key]);
    }
  }
}

/** The pool that is to serve a controller is there, and has every family of the cluster (MetalLB takes both addresses from one pool). */
export function ingressPool(context: Context): void {
  const { source, draft, families } = context;
  if (families === undefined || draft.loadBalancer?.pools === undefined) return;
  const all = poolPlaces(context);
  if (all.length < draft.loadBalancer.pools.length) return;
  for (const { path, value } of ingressPlaces(context)) {
    if (exposureOf(draft, value) !== "load-balancer" || (source.has([...path, "pool"]) && value.pool === undefined))
      continue;
    const named = all.filter((pool) => pool.value.name === value.pool);
    if (value.pool !== undefined && named.length === 0) {
      const names = all.map((pool) => pool.value.name).join(", ");
      source.error([...path, "pool"], "pool-unknown", `there is no such pool; loadBalancer.pools has ${names}`);
      continue;
    }
    const candidates = value.pool === undefined ? all.filter((pool) => pool.value.autoAssign !== false) : named;
    if (candidates.some((pool) => families.every((family) => hasFamily(context, pool, family)))) continue;
    const which = value.pool === undefined ? "no pool with autoAssign has" : `pool ${value.pool} has not`;
    const message = `${which} ${families.join(" and ")}, which its Service asks for; write both families into one pool`;
    source.error(value.pool === undefined ? path : [...path, "pool"], "pool-cannot-serve", message);
  }
}

/** Is it written? One that could not be read was reported. */
function hasFamily({ source }: Context, { path }: Placed<DraftPool>, family: string): boolean {
  return source.has([...path, family]);
}

/** Fixed addresses: one of each family of the cluster, all out of one pool, each given once. */
export function ingressAddresses(context: Context): void {
  const { source, families } = context;
  const seen = new Map<string, Path>();
  for (const { path, value } of ingressPlaces(context)) {
    const at = [...path, "addresses"];
    if (value.addresses === undefined || families === undefined) continue;
    for (const family of FAMILIES) {
      const address = value.addresses[family];
      const isWritten = source.has([...at, family]);
      if (isWritten && !families.includes(family)) {
        source.error([...at, family], "address-family", `network.families is [${families.join(", ")}]; take this away`);
      } else if (!isWritten && families.includes(family)) {
        source.error(at, "address-missing", `gives no ${family} address, and its Service asks for one; add it`);
      }
      const first = address && seen.get(`${address}`);
      if (first !== undefined)
        source.error([...at, family], "address-given", `${pathText(first)} has it; give another`);
      if (address !== undefined) seen.set(`${address}`, [...at, family]);
    }
    inOnePool(context, { path: at, value });
  }
}

function inOnePool(context: Context, { path, value }: Placed<DraftIngress>): void {
  const wanted = FAMILIES.flatMap((family): Address[] => {
    const address = value.addresses?.[family];
    return address === undefined ? [] : [address];
  });
  const all = poolPlaces(context).filter((pool) => value.pool === undefined || pool.value.name === value.pool);
  const holds = (pool: DraftPool, address: Address) => poolSpans(pool).some(({ span }) => span.contains(address));
  if (all.length === 0 || all.some((pool) => wanted.every((address) => holds(pool.value, address)))) return;
  const where = value.pool === undefined ? "no one pool holds" : `pool ${value.pool} does not hold`;
  context.source.error(path, "address-outside-pool", `${where} ${wanted.join(" and ")}; take addresses of one pool`);
}

/** externalIPs: of the cluster's families, and on their way out of Kubernetes. */
export function ingressExternal(context: Context): void {
  const { source, draft, families } = context;
  const minor = releaseOf(draft.kubernetes?.version ?? "")?.minor ?? 0;
  for (const { path, value } of ingressPlaces(context)) {
    (value.externalIPs ?? []).forEach((address, i) => {
      if (address === undefined || families === undefined || families.includes(address.family)) return;
      const message = `its Service has no ${address.family} address; give ${families.join(" or ")} addresses`;
      source.error([...path, "externalIPs", i], "external-family", message);
    });
    if ((value.externalIPs ?? []).length === 0 || minor < EXTERNAL_IPS_DEPRECATED) continue;
    const message = `externalIPs are deprecated since Kubernetes 1.${EXTERNAL_IPS_DEPRECATED} (KEP-5707); use a loadBalancer with fixed addresses`;
    source.warning([...path, "externalIPs"], "external-deprecated", message);
  }
}
