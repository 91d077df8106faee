/** The way of a packet through the cluster, per family: in through a node port, and out of a pod. */
import { type Family, inOrder, ipFamily } from "../../spec/families";
import { nodesOf } from "../../spec/nodes";
import type { ClusterSpec } from "../../spec/types";
import { addressPlan } from "../addresses";
import { type Html, html } from "../html";

/** One stop of a packet. */
export interface Stop {
  readonly where: string;
  readonly what: string;
}

/** The kernel's part: what kube-proxy wrote. */
const RULES: Readonly<Record<ClusterSpec["kubeProxy"]["mode"], string>> = {
  nftables: "nftables of kube-proxy",
  iptables: "iptables of kube-proxy",
  ipvs: "IPVS of kube-proxy",
  none: "the network add-on, in place of kube-proxy",
};

/** Tunnels and their UDP ports; Calico's VXLAN has the registered port, the others that of Linux. */
const TUNNELS: { readonly [backend: string]: readonly [name: string, port: string] | undefined } = {
  vxlan: ["VXLAN", "8472"],
  "vxlan-calico": ["VXLAN", "4789"],
  "vxlan-cross-subnet": ["VXLAN, between links only,", "4789"],
  geneve: ["GENEVE", "6081"],
  wireguard: ["WireGuard", "51820 and 51821"],
};

/** How a packet for a pod of another node travels. */
function between({ cni }: ClusterSpec, family: Family): string {
  const tunnel = TUNNELS[cni.kind === "calico" && cni.backend === "vxlan" ? "vxlan-calico" : cni.backend];
  return tunnel === undefined
    ? `a route of ${cni.kind} to the node's address, no tunnel`
    : `${tunnel[0]} of ${cni.kind} over ${ipFamily(family)} (UDP ${tunnel[1]})`;
}

/** In kind, before the node is there. */
const UNKNOWN = "the address that Docker gives it";

/** From a client outside to a pod on another node than the one that it calls. */
export function wayIn(spec: ClusterSpec, family: Family): Stop[] {
  const { network, verification } = spec;
  const nodes = nodesOf(spec);
  const node = nodes[0]!;
  const target = nodes[1] ?? node;
  const pods = network.pods[family]!;
  const client = verification.outside?.addresses[family];
  const hop = target === node ? [] : [{ where: `${node.name} → ${target.name}`, what: between(spec, family) }];
  return [
    { where: "client", what: client?.toString() ?? `any ${ipFamily(family)} address` },
    { where: node.name, what: `${node.addresses[family] ?? UNKNOWN}, at the NodePort` },
    { where: RULES[spec.kubeProxy.mode], what: `a Service of ${network.services[family]}` },
    ...hop,
    { where: `pod on ${target.name}`, what: `of one /${pods.nodeMask} in ${pods.cidr}` },
  ];
}

/** From a pod to the world. */
export function wayOut(spec: ClusterSpec, family: Family): Stop[] {
  const node = nodesOf(spec).at(-1)!;
  const pods = spec.network.pods[family]!;
  const gateway = inOrder([family], spec.hosts.at(-1)?.interfaces[0]?.ip ?? {})[0]?.gateway;
  const name = addressPlan(spec).dns;
  return [
    { where: `pod on ${node.name}`, what: `asks ${name} for the name` },
    { where: `pod on ${node.name}`, what: `of one /${pods.nodeMask} in ${pods.cidr}` },
    { where: node.name, what: `masquerades it as ${node.addresses[family] ?? UNKNOWN}` },
    { where: "gateway", what: gateway?.toString() ?? "as the host has it" },
    { where: "world", what: ipFamily(family) },
  ];
}

/** Both ways of one family. */
export function packetPath(spec: ClusterSpec, family: Family): Html {
  return html`<section class="card"><h3>${ipFamily(family)}</h3><h4>in, through a NodePort</h4>${stops(wayIn(spec, family))}<h4>out, from a pod</h4>${stops(wayOut(spec, family))}</section>`;
}

function stops(list: readonly Stop[]): Html {
  return html`<ol class="path">${list.map(({ where, what }) => html`<li><b>${where}</b><span>${what}</span></li>`)}</ol>`;
}
