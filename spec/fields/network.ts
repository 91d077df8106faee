/** The cluster's addresses and names. */
import { DEFAULTS } from "../defaults";
import { choice, defaulted, integer, list, optional, struct } from "../shapes";
import { DOMAIN, SSH_ADDRESS } from "../texts";
import { BACKEND } from "./interfaces";
import { ADDRESS, ENDPOINT, RANGE, range } from "./values";

const NODE_MASK = struct({
  ipv4: optional(integer(1, 32), "Prefix length of each node's IPv4 range."),
  ipv6: optional(integer(1, 128), "Prefix length of each node's IPv6 range."),
});

const PODS = "ranges of pods are written as pods: {ipv4: ..., ipv6: ...}";
const SERVICES = "ranges of services are written as services: {ipv4: ..., ipv6: ...}";

export const NETWORK = struct(
  {
    families: defaulted(
      list(choice(["ipv4", "ipv6"]), 1),
      "Address families, the primary one first.",
      DEFAULTS.families,
    ),
    pods: defaulted(
      struct({
        ipv4: optional(range("ipv4"), "Pod addresses, IPv4."),
        ipv6: optional(range("ipv6"), "Pod addresses, IPv6."),
        nodeMask: defaulted(NODE_MASK, "How much of a range each node gets.", DEFAULTS.nodeMask),
      }),
      "Ranges of pod addresses.",
      DEFAULTS.pods,
    ),
    services: defaulted(
      struct({
        ipv4: optional(range("ipv4"), "Service addresses, IPv4."),
        ipv6: optional(range("ipv6"), "Service addresses, IPv6."),
      }),
      "Ranges of service addresses.",
      DEFAULTS.services,
    ),
    endpoint: defaulted(ENDPOINT, "Where the Kubernetes API is reached.", DEFAULTS.endpoint),
    backend: defaulted(
      BACKEND,
      "Who writes the hosts' interfaces; with none the hosts' own network stays as it is.",
      DEFAULTS.backend,
    ),
    dns: defaulted(list(ADDRESS), "Name servers that the cluster's DNS forwards to.", DEFAULTS.dns),
    dnsDomain: defaulted(DOMAIN, "Domain of the cluster's services.", DEFAULTS.dnsDomain),
    certificateNames: defaulted(
      list(SSH_ADDRESS),
      "More names and addresses for the certificate of the Kubernetes API, such as a virtual address of the second family.",
      DEFAULTS.certificateNames,
    ),
    reserved: defaulted(
      list(RANGE),
      "Ranges that something else uses: other load balancers, VPNs, other sites. No pod, service or host may have them.",
      DEFAULTS.reserved,
    ),
  },
  {
    podSubnet: PODS,
    podCIDR: PODS,
    serviceSubnet: SERVICES,
    serviceCIDR: SERVICES,
    dnsServers: "name servers are written as dns",
  },
);
