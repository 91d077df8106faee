/** The releases of ingress controllers and of the load balancer whose objects dualstack knows, newest first. */
import type { IngressKind } from "./way-in";

export const INGRESS_VERSIONS: { readonly [K in IngressKind]: readonly [newest: string, ...older: string[]] } = {
  traefik: ["3.5.4"],
  "envoy-gateway": ["1.9.1"],
  kong: ["3.5.13"],
  "ingress-nginx": ["1.15.1"],
};

export const METALLB_VERSIONS: readonly [newest: string, ...older: string[]] = ["0.16.1", "0.15.2"];

/** kubernetes/ingress-nginx: announced on 2025-11-11, last release on 2026-03-19, no fixes after March 2026 (its README). */
export const INGRESS_NGINX_END = "2026-03-31";

/** Kong/kubernetes-ingress-controller: before it, an IPv6 endpoint went into Kong's target without brackets (its issue 4391). */
export const KONG_BRACKETS = "2.11.0";

/** Service.spec.externalIPs: deprecated (KEP-5707). */
export const EXTERNAL_IPS_DEPRECATED = 36;
