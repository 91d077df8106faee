/** Ingress controllers: what they are, and where they are reached. */
import { DEFAULTS } from "../defaults";
import { choice, defaulted, FLAG, integer, list, optional, required, section, struct } from "../shapes";
import { DOMAIN, NAME, VERSION } from "../texts";
import { ADDRESS, address } from "./values";

/** kube-apiserver's default of --service-node-port-range. */
const NODE_PORT = integer(30000, 32767);

const NGINX =
  "the controller of the Kubernetes project is called ingress-nginx; it gets no fixes any more, use traefik";

export const INGRESS = struct(
  {
    kind: required(
      choice(["traefik", "envoy-gateway", "kong", "ingress-nginx"], { nginx: NGINX, envoy: "write envoy-gateway" }),
      "Which controller.",
    ),
    version: defaulted(VERSION, "Its release.", DEFAULTS.ingressVersion),
    expose: defaulted(
      choice(["load-balancer", "node-port", "host-port"]),
      "How it is reached: addresses of loadBalancer, ports of the nodes' range on every node, or 80 and 443 of the nodes themselves.",
      DEFAULTS.expose,
    ),
    nodePorts: section(
      struct({
        http: defaulted(NODE_PORT, "For HTTP.", DEFAULTS.nodePortHttp),
        https: defaulted(NODE_PORT, "For HTTPS.", DEFAULTS.nodePortHttps),
      }),
      "The ports, with node-port.",
    ),
    pool: optional(NAME, "The pool that its addresses come from, with load-balancer."),
    addresses: optional(
      struct({
        ipv4: optional(address("ipv4"), "Its IPv4 address."),
        ipv6: optional(address("ipv6"), "Its IPv6 address."),
      }),
      "Fixed addresses out of a pool, with load-balancer; without them the pool gives any.",
    ),
    externalIPs: defaulted(
      list(ADDRESS),
      "Addresses that something outside of the cluster leads to its nodes.",
      DEFAULTS.externalIPs,
    ),
    keepClientAddress: defaulted(
      FLAG,
      "Backends are told the client's own address; then only nodes that run the controller answer.",
      DEFAULTS.keepClientAddress,
    ),
    certificate: optional(
      DOMAIN,
      "Secret (kubernetes.io/tls) in the controller's namespace with the certificate for names that have none. Make both before, or the first proof of HTTPS fails.",
    ),
  },
  { ports: "the ports are written as nodePorts: {http: ..., https: ...}" },
);
