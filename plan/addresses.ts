/** The address plan: every address and name that follows from a spec, before a host is touched. Pure. */
import { certificateNames } from "../hosts/kubeadm";
import { type Address, bitsOf, type Cidr, hostPort } from "../spec/addresses";
import { dnsAddress } from "../spec/cluster-dns";
import { type Family, inOrder } from "../spec/families";
import { nodesOf } from "../spec/nodes";
import type { ClusterSpec, Host, Role } from "../spec/types";

export interface AddressPlan {
  readonly cluster: string;
  /** Primary first. */
  readonly families: readonly Family[];
  readonly nodes: readonly { readonly name: string; readonly role: Role; readonly addresses: readonly Address[] }[];
  readonly pods: readonly PodPlan[];
  /** How many more nodes the pod ranges hold: the smallest number of all families. */
  readonly nodesLeft: number;
  readonly services: readonly ServicePlan[];
  readonly api: {
    /** `https://[fd00:10::11]:6443`: what kubeconfigs hold. */
    readonly endpoint: string;
    /** The API server of each control plane, at each of its addresses. */
    readonly servers: readonly string[];
    /** Address of the Service kubernetes: the first one of the primary range. */
    readonly service: Address;
    /** Everything that the certificate is valid for, sorted. */
    readonly certificate: readonly string[];
  };
  /** Address of the cluster's name servers: the tenth of the primary range (kubeadm GetDNSIP). */
  readonly dns: Address;
}

export interface PodPlan {
  readonly family: Family;
  readonly range: Cidr;
  /** The range of the first node, and of the last that fits; which node gets which is kube-controller-manager's choice. */
  readonly first: Cidr;
  readonly last: Cidr;
  readonly nodes: number;
  readonly left: number;
  /** Addresses for pods on one node. */
  readonly perNode: bigint;
}

export interface ServicePlan {
  readonly family: Family;
  readonly range: Cidr;
  /** Addresses that can be given to Services. */
  readonly usable: bigint;
}

export function addressPlan(spec: ClusterSpec): AddressPlan {
  const { families } = spec.network;
  const pods = families.map((family) => podPlan(spec, family));
  const [primary] = inOrder(families, spec.network.services);
  if (primary === undefined) throw new Error("a loaded spec has a range of services");
  const planes = spec.hosts.filter(({ role }) => role === "control-plane");
  const service = primary.nth(1);
  return {
    cluster: spec.name,
    families,
    nodes: nodesOf(spec).map(({ name, role, addresses }) => ({ name, role, addresses: inOrder(families, addresses) })),
    pods,
    nodesLeft: Math.min(...pods.map(({ left }) => left)),
    services: families.map((family) => servicePlan(spec, family)),
    api: {
      endpoint: `https://${hostPort(spec.endpoint.host, spec.endpoint.port)}`,
      servers: planes.flatMap((host) => servers(spec, host)),
      service,
      certificate: certificate(spec, service),
    },
    dns: dnsAddress(spec),
  };
}

function podPlan(spec: ClusterSpec, family: Family): PodPlan {
  const { cidr, nodeMask } = spec.network.pods[family]!;
  const nodes = Number(cidr.subnets(nodeMask));
  // the range itself and, in IPv4, its broadcast address belong to no pod; the first address is the node's bridge
  const kept = family === "ipv4" ? 3n : 2n;
  return {
    family,
    range: cidr,
    first: cidr.subnet(nodeMask, 0),
    last: cidr.subnet(nodeMask, nodes - 1),
    nodes,
    left: nodes - nodesOf(spec).length,
    perNode: (1n << BigInt(bitsOf(family) - nodeMask)) - kept,
  };
}

/** The allocator uses at most 2^16 addresses of an IPv6 range (kubeadm constants: MaximumBitsForServiceSubnet). */
const MOST_IPV6_SERVICES = 1n << 16n;

function servicePlan(spec: ClusterSpec, family: Family): ServicePlan {
  const range = spec.network.services[family]!;
  if (family === "ipv4") return { family, range, usable: range.capacity - 2n };
  const used = range.capacity < MOST_IPV6_SERVICES ? range.capacity : MOST_IPV6_SERVICES;
  return { family, range, usable: used - 1n };
}

function servers(spec: ClusterSpec, { addresses }: Host): string[] {
  return inOrder(spec.network.families, addresses).map((one) => `https://${hostPort(one, spec.endpoint.port)}`);
}

/** What kubeadm puts in by itself (k/k util/pkiutil GetAPIServerAltNames), and what the plan adds. */
function certificate(spec: ClusterSpec, service: Address): string[] {
  const own = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  const names = [...own, `kubernetes.default.svc.${spec.network.dnsDomain}`, service.toString()];
  return [...new Set([...names, ...certificateNames(spec)])].sort();
}

/** The plan as lines for people. */
export function renderAddresses(plan: AddressPlan): string {
  return [
    `cluster ${plan.cluster}: ${plan.families.join(", then ")}\n`,
    section("nodes", [
      ["name", "role", ...plan.families],
      ...plan.nodes.map(({ name, role, addresses }) => [
        ...[name, role],
        ...(addresses.length > 0 ? addresses.map(String) : ["given by Docker"]),
      ]),
    ]),
    section("pods", [
      ["family", "range", "one node's", "to", "nodes", "left", "for pods of a node"],
      ...plan.pods.map(({ perNode, ...one }) => [
        ...[one.family, one.range, one.first, one.last, one.nodes, one.left].map(String),
        count(perNode),
      ]),
    ]),
    `  room for ${plan.nodesLeft} more ${plan.nodesLeft === 1 ? "node" : "nodes"}\n`,
    section("services", [
      ["family", "range", "addresses"],
      ...plan.services.map(({ family, range, usable }) => [family, String(range), String(usable)]),
    ]),
    section("API", [
      ["endpoint", plan.api.endpoint],
      ...plan.api.servers.map((url) => ["server", url]),
      ["Service kubernetes", plan.api.service.toString()],
      ["DNS", plan.dns.toString()],
    ]),
    section(
      "certificate of the API",
      plan.api.certificate.map((name) => [name]),
    ),
  ].join("");
}

/** Nobody reads 18446744073709551614. */
function count(value: bigint): string {
  return value < 1_000_000_000n ? String(value) : `about 2^${(value + 2n).toString(2).length - 1}`;
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return `\n${title}\n${rows.map((row) => `  ${line(row).trimEnd()}\n`).join("")}`;
}
