/** kube-proxy: how services are carried out, and where node ports answer. */
import { DEFAULTS } from "../defaults";
import { choice, defaulted, either, list, struct } from "../shapes";
import { RANGE } from "./values";

const ALL = 'list what should answer: [0.0.0.0/0, "::/0"] for every address of a host';

const USERSPACE = "the userspace mode was removed in Kubernetes 1.26; use nftables or iptables";

export const KUBE_PROXY = struct({
  mode: defaulted(
    choice(["nftables", "iptables", "ipvs", "none"], { userspace: USERSPACE }),
    "How services are carried out; none: there is no kube-proxy, the network add-on does its work.",
    DEFAULTS.proxyMode,
  ),
  nodePorts: defaulted(
    either(choice(["nodes", "primary"], { all: ALL }), list(RANGE, 1)),
    "Addresses on which node ports answer, the same in every mode: nodes, primary (kube-proxy's own keyword), or a list of ranges.",
    DEFAULTS.nodePorts,
  ),
});
