/** What must hold of the API at virtual addresses, of ingress controllers and of the load balancer, tried from outside over every family. Pure. */
import { ingressHosts } from "../addons/ingress/exposure";
import type { Address } from "../spec/addresses";
import { type Family, inOrder } from "../spec/families";
import type { Span } from "../spec/spans";
import type { ClusterSpec } from "../spec/types";
import type { Ingress, IngressKind, Pool } from "../spec/way-in";

/** An address and port from outside; of a Service of type LoadBalancer the address is known only when it has one, of a node of kind when it is there. */
export type Door =
  | { readonly address: Address | undefined; readonly port: number }
  | { readonly service: { readonly namespace: string; readonly name: string }; readonly port: number };

export type WayInCheck =
  | { readonly kind: "api"; readonly family: Family; readonly address: Address; readonly port: number }
  | {
      readonly kind: "ingress";
      readonly family: Family;
      readonly scheme: "http" | "https";
      /** The name that is asked for. */
      readonly host: string;
      readonly door: Door;
      /** The address that the backend must be told; undefined: any. */
      readonly client?: Address;
    }
  | { readonly kind: "load-balancer"; readonly family: Family; readonly service: string; readonly span: Span };

interface Common {
  readonly id: string;
  readonly title: string;
  readonly look: string;
}

/** RFC 6761: names below `test` are nobody's. */
export function testName(kind: IngressKind): string {
  return `${kind}.dualstack.test`;
}

/** The Service of each controller, and how its pods are found. */
export const SERVICES: { readonly [K in IngressKind]: { readonly namespace: string; readonly name: string } } = {
  traefik: { namespace: "traefik", name: "traefik" },
  "envoy-gateway": { namespace: "envoy-gateway-system", name: "envoy" },
  kong: { namespace: "kong", name: "kong-proxy" },
  "ingress-nginx": { namespace: "ingress-nginx", name: "ingress-nginx-controller" },
};

/** The checks of one family. */
export function wayInChecks(spec: ClusterSpec, family: Family): (Common & WayInCheck)[] {
  return [
    ...virtualApi(spec, family),
    ...spec.ingress.flatMap((ingress) => ingressChecks(spec, ingress, family)),
    ...triedPools(spec).map((pool) => poolCheck(spec, pool, family)),
  ];
}

/** The API at its virtual address, with a certificate that names it. */
function virtualApi({ endpoint, verification }: ClusterSpec, family: Family): (Common & WayInCheck)[] {
  const address = endpoint.virtual?.[family];
  if (address === undefined) return [];
  return [
    {
      id: `api/${family}`,
      kind: "api",
      family,
      address,
      port: endpoint.port,
      title: `${verification.outside?.name ?? "this machine"} reaches the API by ${address}`,
      look: "journalctl -u keepalived on the control planes; 'ip address' says which one holds the address",
    },
  ];
}

/** Envoy Gateway ends no TLS without a certificate; the others have one of their own making. */
function schemesOf({ kind, certificate }: Ingress): ("http" | "https")[] {
  return kind === "envoy-gateway" && certificate === undefined ? ["http"] : ["http", "https"];
}

function ingressChecks(spec: ClusterSpec, ingress: Ingress, family: Family): (Common & WayInCheck)[] {
  const { kind, keepClientAddress } = ingress;
  const { outside } = spec.verification;
  const client = keepClientAddress ? outside?.addresses[family] : undefined;
  const from = outside?.name ?? "this machine";
  const { namespace, name } = SERVICES[kind];
  return schemesOf(ingress).flatMap((scheme) =>
    doors(spec, ingress, family, scheme).map(({ at, door }) => ({
      id: ["ingress", kind, ...at, scheme, family].join("/"),
      kind: "ingress" as const,
      family,
      scheme,
      host: testName(kind),
      door,
      ...(client === undefined ? {} : { client }),
      title: `${from} reaches a pod through ${kind}${at.map((one) => ` on ${one}`)} by ${scheme.toUpperCase()}${client === undefined ? "" : ", which is told its address"}`,
      look: `kubectl -n ${namespace} get pods,service ${name} -o wide; kubectl -n ${namespace} logs of its pods; externalTrafficPolicy of the Service`,
    })),
  );
}

const PORTS = { http: 80, https: 443 } as const;

/** Every way to the controller from outside. */
function doors(
  spec: ClusterSpec,
  { kind, exposure }: Ingress,
  family: Family,
  scheme: "http" | "https",
): { readonly at: readonly string[]; readonly door: Door }[] {
  if (exposure.how === "load-balancer") return [{ at: [], door: { service: SERVICES[kind], port: PORTS[scheme] } }];
  const port = exposure.how === "node-port" ? exposure[scheme] : PORTS[scheme];
  return ingressHosts(spec).map(({ name, addresses }) => ({
    at: [name],
    door: { address: addresses[family], port },
  }));
}

/** The Service that tries a pool. */
export function poolService(pool: string): string {
  return `pool-${pool}`;
}

/** Pools of every family that have an address left for a try beside those of the ingress controllers. */
export function triedPools({ loadBalancer, ingress, network: { families } }: ClusterSpec): readonly Pool[] {
  const needed = BigInt(ingress.filter(({ exposure }) => exposure.how === "load-balancer").length);
  return (loadBalancer?.pools ?? []).filter(({ addresses }) => {
    const spans = inOrder(families, addresses);
    return spans.length === families.length && spans.every(({ size }) => size > needed);
  });
}

function poolCheck({ verification }: ClusterSpec, { name, addresses }: Pool, family: Family): Common & WayInCheck {
  const from = verification.outside?.name ?? "this machine";
  return {
    id: `load-balancer/${name}/${family}`,
    kind: "load-balancer",
    family,
    service: poolService(name),
    span: addresses[family]!,
    title: `${from} reaches a Service by an address of pool ${name}`,
    look: "kubectl -n metallb-system logs of the controller (addresses) and of the speakers (announcements); events of the Service; with l2 the outside has to be on the link of the hosts, or a router in between",
  };
}
