/** What the checks of ingress controllers and pools use beside the probe pods: a backend, a route to it, a Service for each pool. Pure. */
import { serviceFamilies } from "../addons/ingress/exposure";
import type { KubeObject } from "../addons/objects";
import type { ClusterSpec } from "../spec/types";
import type { IngressKind } from "../spec/way-in";
import { poolService, testName, triedPools } from "./way-in";

interface Probe {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

const BACKEND = { name: "headers", port: 8082, path: "/header" } as const;

/**
 * A second program in the probe pods, which tells the headers of what it is asked; only for ingress controllers. It can do more than
 * that (agnhost netexec), so its Service is for the cluster alone, and the routes lead to this one path.
 */
export function backendContainer(spec: ClusterSpec, securityContext: object): object[] {
  if (spec.ingress.length === 0) return [];
  return [
    {
      name: BACKEND.name,
      image: spec.verification.image,
      args: ["netexec", `--http-port=${BACKEND.port}`, "--udp-port=-1"],
      ports: [{ containerPort: BACKEND.port, protocol: "TCP" }],
      // its /healthz is never well without its UDP port (agnhost's netexec.go)
      readinessProbe: { httpGet: { path: "/", port: BACKEND.port }, periodSeconds: 2 },
      securityContext,
    },
  ];
}

/** The Services and routes, each after what it refers to. */
export function wayInObjects(spec: ClusterSpec, { namespace, name, port }: Probe): KubeObject[] {
  const labels = { app: name };
  const backend: KubeObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: BACKEND.name, namespace, labels },
    spec: {
      type: "ClusterIP",
      ...serviceFamilies(spec),
      selector: labels,
      ports: [{ name: "http", port: 80, targetPort: BACKEND.port, protocol: "TCP" }],
    },
  };
  const pools = triedPools(spec).map(
    (pool): KubeObject => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: poolService(pool.name), namespace, annotations: { "metallb.io/address-pool": pool.name } },
      spec: {
        type: "LoadBalancer",
        ...serviceFamilies(spec),
        externalTrafficPolicy: "Local",
        allocateLoadBalancerNodePorts: false,
        selector: labels,
        ports: [{ name: "http", port: 80, targetPort: port, protocol: "TCP" }],
      },
    }),
  );
  const routes = spec.ingress.map(({ kind }) => route(kind, namespace));
  return [...(routes.length > 0 ? [backend] : []), ...routes, ...pools];
}

function route(kind: IngressKind, namespace: string): KubeObject {
  return kind === "envoy-gateway" ? httpRoute(kind, namespace) : ingress(kind, namespace);
}

/** The class of each controller has the name that its project gives it. */
const CLASSES: { readonly [K in Exclude<IngressKind, "envoy-gateway">]: string } = {
  traefik: "traefik",
  kong: "kong",
  "ingress-nginx": "nginx",
};

function ingress(kind: keyof typeof CLASSES, namespace: string): KubeObject {
  const service = { name: BACKEND.name, port: { number: 80 } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: kind, namespace },
    spec: {
      ingressClassName: CLASSES[kind],
      rules: [
        {
          host: testName(kind),
          http: { paths: [{ path: BACKEND.path, pathType: "Exact", backend: { service } }] },
        },
      ],
    },
  };
}

function httpRoute(kind: IngressKind, namespace: string): KubeObject {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name: kind, namespace },
    spec: {
      parentRefs: [{ name: "default", namespace: "envoy-gateway-system" }],
      hostnames: [testName(kind)],
      rules: [
        {
          matches: [{ path: { type: "Exact", value: BACKEND.path } }],
          backendRefs: [{ name: BACKEND.name, port: 80 }],
        },
      ],
    },
  };
}

/** Where the backend tells the address that the controller saw. */
export const TOLD = `${BACKEND.path}?key=X-Forwarded-For`;
