/** MetalLB's own kinds: which addresses there are, and who is told of them (metallb.io/apis). Pure. */
import { inOrder } from "../../spec/families";
import type { ClusterSpec } from "../../spec/types";
import type { LoadBalancer } from "../../spec/way-in";
import type { KubeObject } from "../objects";

const NAMESPACE = "metallb-system";

/** A pool for each of the spec, both families in it: only so does a Service get an address of each (metallb/metallb#1156). */
export function pools({ network: { families } }: ClusterSpec, { pools: wanted }: LoadBalancer): KubeObject[] {
  return wanted.map(({ name, addresses, autoAssign, avoidBuggyIPs }) => ({
    apiVersion: "metallb.io/v1beta1",
    kind: "IPAddressPool",
    metadata: { name, namespace: NAMESPACE },
    spec: { addresses: inOrder(families, addresses).map(String), autoAssign, avoidBuggyIPs },
  }));
}

/** All pools are announced in the one way of the spec. */
export function announcements(spec: ClusterSpec, { announce }: LoadBalancer): KubeObject[] {
  if (announce.by === "l2") return [advertisement("L2Advertisement")];
  const { families } = spec.network;
  const sessions = new Set(announce.peers.map(({ address }) => address.family));
  // where all routers are of one family, each session carries the routes of the other too
  const carriesBoth = families.some((family) => !sessions.has(family));
  const peers = announce.peers.map(
    ({ address, asn }): KubeObject => ({
      apiVersion: "metallb.io/v1beta2",
      kind: "BGPPeer",
      metadata: { name: peerName(String(address)), namespace: NAMESPACE },
      spec: {
        myASN: announce.asn,
        peerASN: asn,
        peerAddress: String(address),
        ...(carriesBoth ? { dualStackAddressFamily: true } : {}),
      },
    }),
  );
  return [...peers, advertisement("BGPAdvertisement")];
}

/** The name of the peer is its address, so a router more renames no other. */
function peerName(address: string): string {
  return `peer-${address.replace(/[.:]+/g, "-")}`;
}

/** Without a selector it is for every pool, also for those that people add themselves. */
function advertisement(kind: "L2Advertisement" | "BGPAdvertisement"): KubeObject {
  return { apiVersion: "metallb.io/v1beta1", kind, metadata: { name: "default", namespace: NAMESPACE }, spec: {} };
}
