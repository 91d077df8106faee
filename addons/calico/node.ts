/** The environment of calico-node: addresses, pools and rules of each family. Pure. */
import { FAMILIES, type Family } from "../../spec/families";
import type { Calico, ClusterSpec } from "../../spec/types";
import { ENCAPSULATION, nftables, podPackets } from "./pools";

type Environment = { readonly [name: string]: string | undefined };

/** How the variables of each family are called. */
const NAMES: { readonly [F in Family]: { readonly address: string; readonly pool: string } } = {
  ipv4: { address: "IP", pool: "CALICO_IPV4POOL" },
  ipv6: { address: "IP6", pool: "CALICO_IPV6POOL" },
};

/**
 * Every variable that dualstack decides; undefined takes one away. Pools are made of them once, when there are none
 * (node/pkg/lifecycle/startup/startup.go): afterwards only spec/changes.ts can refuse a change.
 */
export function nodeEnvironment(spec: ClusterSpec, cni: Calico): Environment {
  const { families } = spec.network;
  const all = FAMILIES.map((family) => (families.includes(family) ? present(spec, cni, family) : absent(family)));
  return {
    ...Object.assign({}, ...all),
    // a node without IPv4 has no address that could be its BGP identifier
    CALICO_ROUTER_ID: families.includes("ipv4") ? undefined : "hash",
    FELIX_IPV6SUPPORT: String(families.includes("ipv6")),
    FELIX_NFTABLESMODE: nftables(spec) ? "Enabled" : "Disabled",
    FELIX_VXLANMTUV6: podPackets(spec, cni)?.toString(),
  };
}

/** The node's addresses are those that kubelet has (--node-ip), never those that are found first. */
function present(spec: ClusterSpec, cni: Calico, family: Family): Environment {
  const { address, pool } = NAMES[family];
  return {
    [address]: "autodetect",
    [`${address}_AUTODETECTION_METHOD`]: "kubernetes-internal-ip",
    [`${pool}_CIDR`]: spec.network.pods[family]!.cidr.toString(),
    [`${pool}_BLOCK_SIZE`]: String(cni.blockSize[family]),
    [`${pool}_NAT_OUTGOING`]: String(cni.masquerade.includes(family)),
    [`${pool}_VXLAN`]: ENCAPSULATION[cni.backend].manifest,
    ...(family === "ipv4" ? { [`${pool}_IPIP`]: "Never" } : {}),
  };
}

/** IPv4 has to be told that it is not there; without its variable IPv6 is not looked for. */
function absent(family: Family): Environment {
  const { address, pool } = NAMES[family];
  return {
    [address]: family === "ipv4" ? "none" : undefined,
    [`${pool}_CIDR`]: "none",
    [`${pool}_IPIP`]: family === "ipv4" ? "Never" : undefined,
    [`${pool}_VXLAN`]: "Never",
  };
}
