/** How traffic comes into the cluster: ingress controllers, the load balancer, the virtual address of the API. Types of the finished spec. */
import type { Address } from "./addresses";
import type { PerFamily } from "./families";
import type { Span } from "./spans";

export type IngressKind = "traefik" | "envoy-gateway" | "kong" | "ingress-nginx";

/** Where an ingress controller is reached. */
export type Exposure =
  /** A Service of type LoadBalancer; `pool` is the one that gives the addresses, `addresses` are fixed ones. */
  | { readonly how: "load-balancer"; readonly pool?: string; readonly addresses: PerFamily<Address> }
  /** These ports on the node addresses. */
  | { readonly how: "node-port"; readonly http: number; readonly https: number }
  /** Ports 80 and 443 of every node that runs it. */
  | { readonly how: "host-port" };

/** One ingress controller. */
export interface Ingress {
  readonly kind: IngressKind;
  readonly version: string;
  readonly exposure: Exposure;
  /** More addresses for its Service (`externalIPs`), which something outside leads to the nodes. */
  readonly externalIPs: readonly Address[];
  /** Backends see the client's address (externalTrafficPolicy: Local); else a node's. */
  readonly keepClientAddress: boolean;
  /** Secret with the certificate for names that no Ingress has one for, in the controller's namespace. */
  readonly certificate?: string;
  /** Takes what names no class. */
  readonly isDefault: boolean;
}

/** Addresses that Services of type LoadBalancer are given. */
export interface Pool {
  readonly name: string;
  readonly addresses: PerFamily<Span>;
  /** Given to Services that ask for no pool. */
  readonly autoAssign: boolean;
  /** Keep .0 and .255 back. */
  readonly avoidBuggyIPs: boolean;
}

export interface BgpPeer {
  readonly address: Address;
  readonly asn: number;
}

export interface LoadBalancer {
  readonly kind: "metallb";
  readonly version: string;
  /** Announced by ARP and NDP on the hosts' link, or by BGP to these routers. */
  readonly announce:
    | { readonly by: "l2" }
    | { readonly by: "bgp"; readonly asn: number; readonly peers: readonly BgpPeer[] };
  readonly pools: readonly Pool[];
}
