/** The ports of a node (kubernetes.io/docs/reference/networking/ports-and-protocols), and the commands that open them. Pure. */
import { inOrder } from "../../spec/families";
import type { ClusterSpec, Host } from "../../spec/types";

export interface Port {
  readonly port: number;
  readonly program: string;
  /** Who connects: programs on every node, on the other control planes, or only on the host itself. */
  readonly from: "nodes" | "control-planes" | "host";
}

/** TCP ports that Kubernetes needs for itself on a host. */
export function portsOf({ endpoint, kubeProxy, hosts }: ClusterSpec, { role }: Host): Port[] {
  const proxy: Port[] = kubeProxy.mode === "none" ? [] : [{ port: 10256, program: "kube-proxy", from: "host" }];
  const node: Port[] = [{ port: 10250, program: "kubelet", from: "nodes" }, ...proxy];
  if (role === "worker") return node;
  // kubeadm's etcd has a member on every control plane, and a joining one asks the others
  const members = hosts.filter((each) => each.role === "control-plane").length > 1 ? "control-planes" : "host";
  return [
    { port: endpoint.port, program: "kube-apiserver", from: "nodes" },
    { port: 2379, program: "etcd", from: members },
    { port: 2380, program: "etcd", from: members },
    ...node,
    { port: 10257, program: "kube-controller-manager", from: "host" },
    { port: 10259, program: "kube-scheduler", from: "host" },
  ];
}

/** The ports of `peer` to which programs on `host` connect. */
export function portsBetween(spec: ClusterSpec, host: Host, peer: Host): number[] {
  return portsOf(spec, peer)
    .filter(({ from }) => from === "nodes" || (from === "control-planes" && host.role === "control-plane"))
    .map(({ port }) => port);
}

const VXLAN = 8472;
const NODE_PORTS = [30000, 32767] as const;

/** What has to come in at a host, as port specifications with a colon between the ends of a range. */
function openings(spec: ClusterSpec, host: Host): { readonly protocol: "tcp" | "udp"; readonly ports: string }[] {
  return [
    ...portsOf(spec, host)
      .filter(({ from }) => from !== "host")
      .map(({ port }) => ({ protocol: "tcp", ports: `${port}` }) as const),
    ...(spec.cni.backend === "vxlan" ? [{ protocol: "udp", ports: `${VXLAN}` } as const] : []),
    { protocol: "tcp", ports: NODE_PORTS.join(":") },
    { protocol: "udp", ports: NODE_PORTS.join(":") },
  ];
}

/** VRRP (protocol 112), by which control planes hold virtual addresses together; packets from beyond the link are dropped (RFC 9568 section 5.1). */
function vrrp({ endpoint }: ClusterSpec, { role }: Host, command: string): string[] {
  return endpoint.virtual === undefined || role === "worker" ? [] : [command];
}

/** Ranges of pods of every family: what they send has to come in, and through. */
function podRanges({ network }: ClusterSpec): string[] {
  return inOrder(network.families, network.pods).map(({ cidr }) => String(cidr));
}

/**
 * The commands that open a firewall for a node, for both families: firewalld and nftables' inet tables have rules for both, ufw
 * makes one of each from a rule without an address. ICMPv6 is never closed: neighbour discovery and path MTU discovery need it
 * (RFC 4890), and ICMP for the latter; firewalld and ufw leave it open by themselves.
 */
export const OPENINGS: {
  readonly [firewall in "firewalld" | "ufw" | "nft"]: (spec: ClusterSpec, host: Host) => string[];
} = {
  firewalld: (spec, host) => [
    ...openings(spec, host).map(
      ({ protocol, ports }) => `firewall-cmd --permanent --add-port=${ports.replace(":", "-")}/${protocol}`,
    ),
    ...vrrp(spec, host, "firewall-cmd --permanent --add-protocol=vrrp"),
    ...podRanges(spec).map((range) => `firewall-cmd --permanent --zone=trusted --add-source=${range}`),
    "firewall-cmd --reload",
  ],
  ufw: (spec, host) => [
    ...openings(spec, host).map(({ protocol, ports }) => `ufw allow ${ports}/${protocol}`),
    ...vrrp(spec, host, "ufw allow proto vrrp from any to any"),
    ...podRanges(spec).map((range) => `ufw allow from ${range}`),
    "ufw default allow routed",
  ],
  nft: (spec, host) => [
    ...openings(spec, host).map(
      ({ protocol, ports }) => `nft insert rule TABLE CHAIN ${protocol} dport ${ports.replace(":", "-")} accept`,
    ),
    ...vrrp(spec, host, "nft insert rule TABLE CHAIN meta l4proto vrrp accept"),
    ...inOrder(spec.network.families, spec.network.pods).map(
      ({ cidr }) => `nft insert rule TABLE CHAIN ${cidr.family === "ipv4" ? "ip" : "ip6"} saddr ${cidr} accept`,
    ),
    "nft insert rule TABLE CHAIN meta l4proto { icmp, ipv6-icmp } accept",
  ],
};
