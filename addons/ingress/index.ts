/** The ingress controllers of a spec, as objects. Pure. */
import type { ClusterSpec } from "../../spec/types";
import type { Ingress, IngressKind } from "../../spec/way-in";
import type { KubeObject } from "../objects";
import type { Upstream } from "../upstream";
import { envoyGateway } from "./envoy-gateway";
import { kong } from "./kong";
import { ingressNginx } from "./nginx";
import { traefik } from "./traefik";

type Make = (spec: ClusterSpec, ingress: Ingress, upstream: Upstream) => KubeObject[];

const CONTROLLERS: { readonly [K in IngressKind]: Make } = {
  traefik,
  "envoy-gateway": envoyGateway,
  kong,
  "ingress-nginx": ingressNginx,
};

/** The objects of every controller, in the order of the spec. Throws Error when an upstream file cannot be had. */
export function ingressControllers(spec: ClusterSpec, upstream: Upstream): KubeObject[] {
  return spec.ingress.flatMap((ingress) => CONTROLLERS[ingress.kind](spec, ingress, upstream));
}
