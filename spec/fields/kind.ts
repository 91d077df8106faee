/** A cluster in kind: its nodes are containers on this machine, and kind makes them. */
import { DEFAULTS } from "../defaults";
import { defaulted, integer, section, struct, text } from "../shapes";
import { IMAGE } from "../texts";
import { range } from "./values";

/** Docker's own rule for names (moby daemon/names), without upper case. */
const NETWORK_NAME = text(
  "kind-network-form",
  /^[a-z0-9][a-z0-9_.-]{1,62}$/,
  "the name of a Docker network: 2 to 63 of a-z, 0-9, _ . -",
);

const NETWORK = struct({
  name: defaulted(NETWORK_NAME, "Docker's network of the nodes; it is made where it is missing.", DEFAULTS.kindNetwork),
  ipv4: defaulted(
    range("ipv4"),
    "Its IPv4 range, out of which Docker gives the nodes their addresses.",
    DEFAULTS.kindIpv4,
  ),
  ipv6: defaulted(range("ipv6"), "Its IPv6 range.", DEFAULTS.kindIpv6),
});

/** More nodes than a machine carries. */
const MOST_WORKERS = 50;

export const KIND = struct(
  {
    workers: defaulted(integer(0, MOST_WORKERS), "Nodes beside the one control plane.", DEFAULTS.kindWorkers),
    image: defaulted(IMAGE, "kind's node image.", DEFAULTS.kindImage),
    network: section(NETWORK, "The network of the nodes."),
  },
  {
    nodes: "nodes are counted: workers: 2",
    ipFamily: "families and their order are written as network.families",
    kubeProxyMode: "it is written as kubeProxy.mode",
  },
);
