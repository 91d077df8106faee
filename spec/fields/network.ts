/** The cluster's addresses and names. */
import { DEFAULTS } from "../defaults";
import { choice, defaulted, either, integer, list, optional, struct } from "../shapes";
import { DOMAIN, SSH_ADDRESS } from "../texts";
import { BACKEND } from "./interfaces";
import { ADDRESS, address, ENDPOINT, PORT, RANGE, range } from "./values";

const NODE_MASK = struct({
  ipv4: optional(integer(1, 32), "Prefix length of each node's IPv4 range."),
  ipv6: optional(integer(1, 128), "Prefix length of each node's IPv6 range."),
});

const VIRTUAL = "Virtual address that the control planes hold together; free, and on the link of all of them.";

const VIRTUAL_PAIR = struct(
  {
    ipv4: optional(address("ipv4"), VIRTUAL),
    ipv6: optional(address("ipv6"), VIRTUAL),
    port: defaulted(PORT, "Port of the API on every control plane.", DEFAULTS.endpointPort),
  },
  { host: 'a name is written alone: endpoint: "api.example.org:6443"', address: "it is called ipv4 or ipv6" },
);

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
    endpoint: defaulted(
      either(ENDPOINT, VIRTUAL_PAIR),
      "Where the Kubernetes API is reached: a name or an address that you see to, or an address of each family that the control planes hold together (keepalived, RFC 9568).",
      DEFAULTS.endpoint,
    ),
    backend: defaulted(
      BACKEND,
      "Who writes the hosts' interfaces; with none the hosts' own network stays as it is.",
      DEFAULTS.backend,
    ),
    dns: defaulted(list(ADDRESS), "Name servers that the cluster's DNS forwards to.", DEFAULTS.dns),
    dnsDomain: defaulted(DOMAIN, "Domain of the cluster's services.", DEFAULTS.dnsDomain),
    certificateNames: defaulted(
      list(SSH_ADDRESS),
      "More names and addresses for the certificate of the Kubernetes API, such as the address of a load balancer in front of it.",
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
