/** Calico by its operator: the operator's manifest, and the Installation that it carries out. Pure. */
import { inOrder, perFamily } from "../../spec/families";
import type { Calico, ClusterSpec } from "../../spec/types";
import { CALICO } from "../catalogue";
import type { KubeObject } from "../objects";
import { objectsOf, type Upstream } from "../upstream";
import { ENCAPSULATION, nftables, POOL_NAMES, podPackets } from "./pools";

/** The operator brings its own kinds when it starts (-manage-crds), so the Installation is made after it. */
export function calicoOperator(spec: ClusterSpec, cni: Calico, upstream: Upstream): KubeObject[] {
  const release = CALICO[cni.version as keyof typeof CALICO];
  return [...objectsOf(upstream, release.operator), installation(spec, cni)];
}

/** What the operator is to make (operator.tigera.io/v1 Installation). It sets up IPv6 wherever there is a pool of it. */
function installation(spec: ClusterSpec, cni: Calico): KubeObject {
  const { families, pods } = spec.network;
  const switched = (on: boolean) => (on ? "Enabled" : "Disabled");
  const pools = perFamily(families, (family) => ({
    name: POOL_NAMES[family],
    cidr: pods[family]!.cidr.toString(),
    blockSize: cni.blockSize[family],
    encapsulation: ENCAPSULATION[cni.backend].operator,
    natOutgoing: switched(cni.masquerade.includes(family)),
    nodeSelector: "all()",
  }));
  const addresses = { kubernetes: "NodeInternalIP" };
  const packets = podPackets(spec, cni);
  return {
    apiVersion: "operator.tigera.io/v1",
    kind: "Installation",
    metadata: { name: "default" },
    spec: {
      cni: { type: "Calico", ipam: { type: "Calico" } },
      calicoNetwork: {
        bgp: switched(cni.backend === "bgp"),
        linuxDataplane: nftables(spec) ? "Nftables" : "Iptables",
        ipPools: inOrder(families, pools),
        ...(packets === undefined ? {} : { mtu: packets }),
        ...(families.includes("ipv4") ? { nodeAddressAutodetectionV4: addresses } : {}),
        ...(families.includes("ipv6") ? { nodeAddressAutodetectionV6: addresses } : {}),
      },
    },
  };
}
