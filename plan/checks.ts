/** The proof as data: what must hold on a live cluster, one check a fact, each with what to look at when it fails. Pure. */
import type { Address, Cidr } from "../spec/addresses";
import { type Family, inOrder, type PerFamily } from "../spec/families";
import { type Node, nodesOf } from "../spec/nodes";
import type { ClusterSpec } from "../spec/types";
import { type WayInCheck, wayInChecks } from "./way-in";

/** Namespace and name of the objects that the connection checks use. */
export const PROBE = { namespace: "dualstack-verify", name: "probe", port: 8080 } as const;

interface Common {
  /** Stable name: `node-port/worker-1/ipv6`. */
  readonly id: string;
  /** One line for people. */
  readonly title: string;
  /** Where to look when it fails. */
  readonly look: string;
  readonly family?: Family;
}

export type Check = Common &
  (
    | {
        readonly kind: "node-ready";
        readonly node: string;
        /** The kubelet that it must run, such as `v1.36.3`; kind has that of its image. */
        readonly kubelet?: string;
      }
    | { readonly kind: "node-addresses"; readonly node: string; readonly addresses: readonly Address[] }
    | {
        readonly kind: "node-pod-range";
        readonly node: string;
        readonly family: Family;
        readonly range: Cidr;
        readonly prefix: number;
      }
    | { readonly kind: "pod-addresses"; readonly node: string; readonly ranges: readonly Cidr[] }
    | { readonly kind: "pod-to-pod"; readonly from: string; readonly to: string; readonly family: Family }
    | { readonly kind: "service-ip"; readonly from: string; readonly family: Family; readonly range: Cidr }
    | { readonly kind: "service-dns"; readonly from: string; readonly family: Family; readonly host: string }
    | {
        readonly kind: "node-dns";
        readonly from: string;
        readonly family: Family;
        readonly server: Address;
        readonly name: string;
        readonly answer: Address;
      }
    | {
        readonly kind: "node-port";
        readonly node: string;
        readonly address: Address | undefined;
        readonly family: Family;
      }
    | {
        readonly kind: "egress";
        readonly from: string;
        readonly to: Address;
        readonly port: number;
        readonly family: Family;
      }
    | WayInCheck
  );

/** Every check of a cluster, in the order in which people read them: nodes, pods, services, the way in, the way out. */
export function checks(spec: ClusterSpec): Check[] {
  return [
    ...nodesOf(spec).flatMap((node) => nodeChecks(spec, node)),
    ...nodesOf(spec).map((node) => podAddresses(spec, node)),
    ...spec.network.families.flatMap((family) => [
      ...podToPod(spec, family),
      ...serviceChecks(spec, family),
      ...nodeDns(spec, family),
      ...nodePorts(spec, family),
      ...wayInChecks(spec, family),
      ...egress(spec, family),
    ]),
  ];
}

/** Where the pods of the network add-on are; Calico's are elsewhere with its operator, so its label finds them. */
const AGENTS: { readonly [K in ClusterSpec["cni"]["kind"]]: string } = {
  flannel: "-n kube-flannel",
  calico: "-A -l k8s-app=calico-node",
  cilium: "-n kube-system -l k8s-app=cilium",
};

function nodeChecks(spec: ClusterSpec, { name: node, addresses }: Node): Check[] {
  const { families, pods } = spec.network;
  const expected = inOrder(families, addresses);
  const kubelet = spec.kind === undefined ? { kubelet: `v${spec.kubernetes.version}` } : undefined;
  return [
    {
      id: `node-ready/${node}`,
      kind: "node-ready",
      node,
      ...kubelet,
      title: `node ${node} is Ready${kubelet === undefined ? "" : ` and runs ${kubelet.kubelet}`}`,
      look: `journalctl -u kubelet on ${node}; kubectl ${AGENTS[spec.cni.kind]} get pods -o wide`,
    },
    {
      id: `node-addresses/${node}`,
      kind: "node-addresses",
      node,
      addresses: expected,
      title: `node ${node} has the InternalIPs ${expected.join(", ") || "that Docker gave to its container"}`,
      look: `--node-ip in /var/lib/kubelet/kubeadm-flags.env on ${node}; 'ip address' there`,
    },
    ...families.map(
      (family): Check => ({
        id: `node-pod-range/${node}/${family}`,
        kind: "node-pod-range",
        node,
        family,
        range: pods[family]!.cidr,
        prefix: pods[family]!.nodeMask,
        title: `node ${node} has a pod range of ${family}`,
        look: "podSubnet and node-cidr-mask-size of kube-controller-manager; podCIDRs of a Node never change once set",
      }),
    ),
  ];
}

function podAddresses(spec: ClusterSpec, { name: node }: Node): Check {
  const ranges = inOrder(spec.network.families, spec.network.pods).map(({ cidr }) => cidr);
  return {
    id: `pod-addresses/${node}`,
    kind: "pod-addresses",
    node,
    ranges,
    title: `a pod on ${node} has an address of ${spec.network.families.join(" and ")}`,
    look: `kubectl ${AGENTS[spec.cni.kind]} logs of the pod on ${node}${spec.cni.kind === "flannel" ? "; /run/flannel/subnet.env there" : ""}`,
  };
}

/** A ring over all nodes: every node sends and receives, and the number of checks grows with the nodes, not with their pairs. */
function podToPod(spec: ClusterSpec, family: Family): Check[] {
  const hosts = nodesOf(spec);
  if (hosts.length < 2) return [];
  return hosts.map(({ name: from }, index) => {
    const to = hosts[(index + 1) % hosts.length]!.name;
    return {
      id: `pod-to-pod/${from}/${to}/${family}`,
      kind: "pod-to-pod",
      from,
      to,
      family,
      title: `pod on ${from} reaches pod on ${to}`,
      look: `forwarding in 'sysctl -a', the vxlan device and routes ('ip -6 route') on ${from} and ${to}; is UDP 8472 open between them?`,
    };
  });
}

function serviceChecks(spec: ClusterSpec, family: Family): Check[] {
  const { network } = spec;
  const host = `${PROBE.name}.${PROBE.namespace}.svc.${network.dnsDomain}`;
  return nodesOf(spec).flatMap(({ name: from }): Check[] => [
    {
      id: `service-ip/${from}/${family}`,
      kind: "service-ip",
      from,
      family,
      range: network.services[family]!,
      title: `pod on ${from} reaches a Service by ClusterIP`,
      look: `kubectl -n kube-system logs of kube-proxy on ${from}`,
    },
    {
      id: `service-dns/${from}/${family}`,
      kind: "service-dns",
      from,
      family,
      host,
      title: `pod on ${from} reaches a Service by its ${family === "ipv4" ? "A" : "AAAA"} record`,
      look: "kubectl -n kube-system logs -l k8s-app=kube-dns; /etc/resolv.conf in the pod",
    },
  ]);
}

/** The DNS cache of each node answers pods of that node; what it answers is known: the Service kubernetes. */
function nodeDns(spec: ClusterSpec, family: Family): Check[] {
  const { network, nodeLocalDns } = spec;
  const server = nodeLocalDns?.addresses[family];
  const [services] = inOrder(network.families, network.services);
  if (server === undefined || services === undefined) return [];
  return nodesOf(spec).map(({ name: from }) => ({
    id: `node-dns/${from}/${family}`,
    kind: "node-dns",
    from,
    family,
    server,
    name: `kubernetes.default.svc.${network.dnsDomain}`,
    answer: services.nth(1),
    title: `pod on ${from} asks the DNS cache of its node`,
    look: `kubectl -n kube-system logs -l dualstack/family=${family} of the pod on ${from}; 'ip address show' there`,
  }));
}

function nodePorts(spec: ClusterSpec, family: Family): Check[] {
  const from = spec.verification.outside?.name ?? "this machine";
  return nodesOf(spec).map(({ name: node, addresses }) => ({
    id: `node-port/${node}/${family}`,
    kind: "node-port",
    node,
    family,
    address: addresses[family],
    title: `${from} reaches NodePort on ${node}`,
    look: `nodePortAddresses in ConfigMap kube-system/kube-proxy; a firewall on ${node}; the route from ${from}`,
  }));
}

/** Pods try to reach the SSH port of the host outside: it is there, and it is not in the cluster. */
function egress(spec: ClusterSpec, family: Family): Check[] {
  const { outside } = spec.verification;
  if (outside === undefined) return [];
  const to = (outside.addresses as PerFamily<Address>)[family];
  if (to === undefined) return [];
  return nodesOf(spec).map(({ name: from }) => ({
    id: `egress/${from}/${family}`,
    kind: "egress",
    from,
    to,
    port: outside.ssh.port,
    family,
    title: `pod on ${from} reaches ${outside.name}, outside the cluster`,
    look: `masquerading rules ('nft list ruleset', 'ip6tables -t nat -S') and the default route of ${family} on ${from}`,
  }));
}
