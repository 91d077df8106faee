/** What Docker says before and after kind made the nodes, judged: its network, and the addresses that it gave. Pure. */
import { Address, Cidr } from "../spec/addresses";
import { type Family, inOrder, ipFamily, type PerFamily } from "../spec/families";
import { nodesOf } from "../spec/nodes";
import type { ClusterSpec, Kind } from "../spec/types";

/** One network of `docker network inspect`, as far as it is read. */
export interface DockerNetwork {
  readonly EnableIPv6?: boolean;
  readonly Labels?: { readonly [label: string]: string } | null;
  readonly IPAM?: { readonly Config?: readonly { readonly Subnet?: string }[] | null };
}

/**
 * Why the nodes cannot live in the network that is there, and what to do; undefined: they can. kind takes a network of its name as
 * it is, and on one without IPv6 it makes nodes of one family (kind pkg/cluster/internal/providers/docker/network.go: TODO).
 */
export function networkRefusal(spec: ClusterSpec, kind: Kind, found: DockerNetwork): string | undefined {
  const { families } = spec.network;
  const { name } = kind.network;
  const ranges = (found.IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Cidr.parse(Subnet)]));
  const has = (family: Family) =>
    (family === "ipv4" || found.EnableIPv6 === true) && ranges.some((range) => range.family === family);
  const missing = families.filter((family) => !has(family));
  const remove = `delete the clusters in it ('kind get clusters', 'kind delete cluster --name ...'), then 'docker network rm ${name}': dualstack makes it anew; or name another one as kind.network.name`;
  if (missing.length > 0) {
    return `Docker's network ${name} has no ${missing.map(ipFamily).join(" and no ")}, and kind would use it as it is: ${remove}`;
  }
  const wanted = inOrder(families, kind.network);
  if (wanted.every((range) => ranges.some((one) => one.equals(range)))) return undefined;
  const there = families.map((family) => `${family}: ${quoted(ranges.find((range) => range.family === family)!)}`);
  return `Docker's network ${name} has the ranges ${ranges.join(", ")}, and the spec says ${wanted.join(", ")}: write kind: {network: {${there.join(", ")}}}; or ${remove}`;
}

/** YAML reads an IPv6 range in braces only in quotes. */
function quoted(range: Cidr): string {
  return range.family === "ipv6" ? `"${range}"` : String(range);
}

/** Why Docker did not make the network, in its own words, and what to do. */
export function noNetwork(spec: ClusterSpec, kind: Kind, said: string): string {
  const { families } = spec.network;
  const what = `Docker cannot make the network ${kind.network.name} with ${inOrder(families, kind.network).join(", ")}: ${said.trim()}`;
  if (/overlap/i.test(said)) {
    return `${what}. Another network has these addresses: 'docker network ls' and 'ip route' show which; choose other ranges as kind.network`;
  }
  if (families.includes("ipv6") && /ipv6/i.test(said)) {
    return `${what}. Nodes need IPv6 in Docker: start the machine without ipv6.disable=1, and Docker with IPv6 (https://docs.docker.com/engine/daemon/ipv6/)`;
  }
  return what;
}

/** One container of `docker inspect`, as far as it is read. */
export interface DockerContainer {
  readonly Name: string;
  readonly NetworkSettings: {
    readonly Networks: {
      readonly [network: string]: { readonly IPAddress?: string; readonly GlobalIPv6Address?: string };
    };
  };
}

/** The spec with the addresses that Docker gave to the nodes; one that it did not give stays unknown, and its checks fail. */
export function withAddresses(spec: ClusterSpec, kind: Kind, containers: readonly DockerContainer[]): ClusterSpec {
  const { families } = spec.network;
  const addresses = nodesOf(spec).flatMap(({ name }) => {
    const container = containers.find(({ Name }) => Name === `/${name}`);
    const here = container?.NetworkSettings.Networks[kind.network.name];
    if (here === undefined) return [];
    const given = { ipv4: here.IPAddress ?? "", ipv6: here.GlobalIPv6Address ?? "" };
    const known = families.flatMap((family) => (given[family] === "" ? [] : [[family, Address.parse(given[family])]]));
    return [[name, Object.fromEntries(known) as PerFamily<Address>]];
  });
  return { ...spec, kind: { ...kind, addresses: Object.fromEntries(addresses) } };
}
