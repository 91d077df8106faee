/** What a running cluster cannot become: two specs compared, the one that runs and the one that is wanted. Pure. */
import { FAMILIES, type Family, inOrder, ipFamily, type PerFamily } from "./families";
import { kindChanges } from "./kind-changes";
import type { ClusterSpec, Host } from "./types";
import { upgradeChanges } from "./upgrades";

/** A change that is refused on a running cluster. */
export interface Refusal {
  /** Stable name of the kind of change, such as `pods-changed`. */
  readonly code: string;
  /** Where in the spec: `network.pods.ipv4`. */
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** Why, and what to do instead. */
  readonly message: string;
}

/** Every change from `running` to `wanted` that cannot be made in place, in the order of the spec. */
export function refusedChanges(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  return [
    ...kindChanges(running, wanted),
    ...identity(running, wanted),
    ...upgradeChanges(running, wanted),
    ...families(running, wanted),
    ...ranges(running, wanted),
    ...hosts(running, wanted),
  ];
}

/** `network.pods.ipv4: 10.244.0.0/16 -> 10.245.0.0/16: why and what to do`, one a line. */
export function renderRefusals(refusals: readonly Refusal[]): string {
  return refusals.map(({ path, from, to, message }) => `${path}: ${from} -> ${to}: ${message}\n`).join("");
}

const NEW_CLUSTER = "make a new cluster with it and move the workloads";

function differs(code: string, path: string, from: unknown, to: unknown, message: string): Refusal[] {
  return String(from) === String(to) ? [] : [{ code, path, from: String(from), to: String(to), message }];
}

function identity(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  const rename = `the name is in certificates, contexts and the stack; take it back, or ${NEW_CLUSTER}`;
  const domain = `names of the old domain are in the certificate of the API and in programs; take it back, or ${NEW_CLUSTER}`;
  const endpoint = `kubelets and kubeconfigs know the API by it; keep it (a name can be pointed elsewhere), or ${NEW_CLUSTER}`;
  const cni = `the routes and addresses of two network add-ons, or of two ways of one, do not mix on a running cluster; take it back, or ${NEW_CLUSTER}`;
  return [
    ...differs("name-changed", "name", running.name, wanted.name, rename),
    ...differs("domain-changed", "network.dnsDomain", running.network.dnsDomain, wanted.network.dnsDomain, domain),
    ...differs("endpoint-changed", "network.endpoint", endpointText(running), endpointText(wanted), endpoint),
    ...differs("cni-changed", "cni", cniText(running), cniText(wanted), cni),
  ];
}

function endpointText({ endpoint: { host, port, virtual }, network }: ClusterSpec): string {
  return `${virtual === undefined ? host : `virtual ${inOrder(network.families, virtual).join(" and ")}`} port ${port}`;
}

/** What of an add-on is fixed once pods have addresses. Calico's manifest reads the settings of a pool when it makes it, and never again. */
function cniText({ cni }: ClusterSpec): string {
  const ways: string[] = [cni.kind, cni.backend];
  if (cni.kind === "cilium") ways.push(cni.ipam);
  if (cni.kind === "calico") {
    ways.push(cni.install, cni.etcd === undefined ? "kubernetes" : "etcd", `blocks ${Object.values(cni.blockSize)}`);
    if (cni.install === "manifest") ways.push(`masquerade ${cni.masquerade.join("+") || "none"}`);
  }
  return ways.join(" ");
}

function families(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  const [from, to] = [running.network.families, wanted.network.families];
  const path = "network.families";
  if (from.join() === to.join()) return [];
  const change = { path, from: `[${from.join(", ")}]`, to: `[${to.join(", ")}]` };
  if (from[0] !== to[0]) return [{ ...change, code: "primary-changed", message: primaryMessage(from[0]!) }];
  const code = from.length < to.length ? "family-added" : "family-removed";
  return [{ ...change, code, message: from.length < to.length ? ADDED : REMOVED }];
}

/** Service ClusterIPs, the address of the Service kubernetes and the certificate of the API follow the first family (KEP-1880). */
function primaryMessage(family: Family): string {
  return `service addresses and the certificate of the API follow the first family; keep ${ipFamily(family)} first, or ${NEW_CLUSTER}`;
}

const ADDED =
  `nodes keep the pod ranges that they were registered with (ValidateNodeUpdate), so every node has to be drained, deleted ` +
  `and joined again; dualstack does not do that: ${NEW_CLUSTER}`;
const REMOVED = `Services and pods hold addresses of the family that goes, and the ServiceCIDR cannot lose it; ${NEW_CLUSTER}`;

function ranges(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  const pods = `kubeadm upgrade does not change pod ranges, and a node's range never changes; take it back, or ${NEW_CLUSTER}`;
  const mask = `the ranges of the nodes were cut with it; take it back, or ${NEW_CLUSTER}`;
  const services = `Services keep their addresses of the old range; take it back, or ${NEW_CLUSTER}`;
  return both(running, wanted).flatMap((family) => [
    ...differs("pods-changed", `network.pods.${family}`, of(running, family).cidr, of(wanted, family).cidr, pods),
    ...differs(
      "node-mask-changed",
      `network.pods.nodeMask.${family}`,
      of(running, family).nodeMask,
      of(wanted, family).nodeMask,
      mask,
    ),
    ...differs(
      "services-changed",
      `network.services.${family}`,
      running.network.services[family],
      wanted.network.services[family],
      services,
    ),
  ]);
}

/** The families that both have: what comes or goes is told by its family. */
function both(running: ClusterSpec, wanted: ClusterSpec): Family[] {
  const has = (spec: ClusterSpec, family: Family) => spec.network.families.includes(family);
  return FAMILIES.filter((family) => has(running, family) && has(wanted, family));
}

function of({ network: { pods } }: ClusterSpec, family: Family) {
  return pods[family]!;
}

function hosts(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  const order = running.network.families.filter((family) => wanted.network.families.includes(family));
  const now = new Map(wanted.hosts.map((host) => [host.name, host]));
  return [
    ...founder(running, wanted),
    ...running.hosts.flatMap((host) => {
      const next = now.get(host.name);
      // a host that goes is what removing it from the list is for
      return next === undefined ? [] : kept(host, next, order);
    }),
  ];
}

/** The first control plane of the list makes the cluster, so another one there would make another cluster. */
function founder(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  const [old, next] = [firstOf(running), firstOf(wanted)];
  if (old === undefined || next === undefined || old.name === next.name) return [];
  const stays = wanted.hosts.some(({ name }) => name === old.name);
  if (stays) {
    const message = `the cluster was made on ${old.name}, the first control plane of the list; put it first again`;
    return [{ code: "control-plane-first", path: "hosts", from: old.name, to: next.name, message }];
  }
  const path = `hosts[${old.name}]`;
  const message = `the cluster was made there, and its first control plane cannot be taken out; put it back, or destroy ${wanted.name} as a whole`;
  return [{ code: "control-plane-removed", path, from: "control-plane", to: "nothing", message }];
}

function firstOf({ hosts }: ClusterSpec): Host | undefined {
  return hosts.find(({ role }) => role === "control-plane");
}

function kept(host: Host, next: Host, order: readonly Family[]): Refusal[] {
  const at = `hosts[${host.name}]`;
  const role = "a node's role is set when it joins; take the host out, and put it in again under another name";
  const address = `certificates and kubelet's --node-ip hold it; take the host out, and put it in again under another name`;
  const listed = (values: PerFamily<unknown>) => inOrder(order, values).join(", ");
  return [
    ...differs("role-changed", `${at}.role`, host.role, next.role, role),
    ...differs("address-changed", `${at}.addresses`, listed(host.addresses), listed(next.addresses), address),
  ];
}
