/** What the network add-ons have, as data: releases, ways of packets, fields of their own. */
import type { Family } from "./families";
import type { Cni } from "./types";

interface AddOn {
  /** Its name as its project writes it. */
  readonly title: string;
  /** Releases that addons/catalogue.ts has, the newest last. */
  readonly versions: readonly string[];
  readonly backends: readonly Cni["backend"][];
  /** Fields of `cni` that only some add-ons have. */
  readonly options: readonly ("install" | "blockSize" | "etcd" | "ipam")[];
}

export const ADD_ONS: { readonly [K in Cni["kind"]]: AddOn } = {
  flannel: {
    title: "flannel",
    versions: ["0.26.7", "0.28.9"],
    backends: ["vxlan", "wireguard", "host-gw"],
    options: [],
  },
  calico: {
    title: "Calico",
    versions: ["3.32.1"],
    backends: ["vxlan", "vxlan-cross-subnet", "bgp"],
    options: ["install", "blockSize", "etcd"],
  },
  cilium: { title: "Cilium", versions: ["1.20.0"], backends: ["vxlan", "geneve", "native"], options: ["ipam"] },
};

/** Bytes that a backend adds to a packet, by the family of the hosts' addresses under it. */
export const OVERHEADS: { readonly [B in Cni["backend"]]: { readonly [F in Family]: number } } = {
  vxlan: { ipv4: 50, ipv6: 70 },
  "vxlan-cross-subnet": { ipv4: 50, ipv6: 70 },
  geneve: { ipv4: 50, ipv6: 70 },
  wireguard: { ipv4: 60, ipv6: 80 },
  "host-gw": { ipv4: 0, ipv6: 0 },
  native: { ipv4: 0, ipv6: 0 },
  bgp: { ipv4: 0, ipv6: 0 },
};
