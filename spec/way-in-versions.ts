/** The releases of ingress controllers and of the load balancer whose objects dualstack knows, newest first. */
import type { IngressKind } from "./way-in";

export const INGRESS_VERSIONS: { readonly [K in IngressKind]: readonly [newest: string, ...older: string[]] } = {
  traefik: ["3.5.4"],
  "envoy-gateway": ["1.9.1"],
  kong: ["3.5.13"],
  "ingress-nginx": ["1.15.1"],
};

export const METALLB_VERSIONS: readonly [newest: string, ...older: string[]] = ["0.16.1", "0.15.2"];

/** The release whose kind BGPPeer has `format: int32, maximum: 4294967295` (its config/manifests); the next one says int64. */
export const METALLB_INT32 = "0.15.2";

/** Kubernetes: formats of integers count in the schemas of kinds (apiextensions-apiserver, pkg/apiserver/validation/formats.go). */
export const INTEGER_FORMATS = 36;

/** kubernetes/ingress-nginx: announced on 2025-11-11, last release on 2026-03-19, no fixes after March 2026 (its README). */
export const INGRESS_NGINX_END = "2026-03-31";

/** Kong/kubernetes-ingress-controller: before it, an IPv6 endpoint went into Kong's target without brackets (its issue 4391). */
export const KONG_BRACKETS = "2.11.0";

/** Service.spec.externalIPs: deprecated (KEP-5707). */
export const EXTERNAL_IPS_DEPRECATED = 36;
