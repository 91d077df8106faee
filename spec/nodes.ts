/** The nodes of a cluster, whoever made them: hosts that are reached by SSH, or containers that kind makes. */
import type { Address, Cidr } from "./addresses";
import { type Family, inOrder, type PerFamily } from "./families";
import type { ClusterSpec, Role } from "./types";

/** A member of a cluster, as Kubernetes sees it. */
export interface Node {
  readonly name: string;
  readonly role: Role;
  /** Empty for a node of kind until it is there: Docker gives them. */
  readonly addresses: PerFamily<Address>;
}

/** Every node, control planes as they are listed. */
export function nodesOf({ name, kind, hosts }: ClusterSpec): readonly Node[] {
  if (kind === undefined) return hosts;
  const node = (role: Role, suffix: string): Node => {
    const called = `${name}-${suffix}`;
    return { name: called, role, addresses: kind.addresses?.[called] ?? {} };
  };
  const workers = Array.from({ length: kind.workers }, (_, i) => node("worker", i === 0 ? "worker" : `worker${i + 1}`));
  return [node("control-plane", controlPlaneSuffix), ...workers];
}

/** What kind calls its nodes: the cluster's name, the role, and from the second of a role on its number (kind common.MakeNodeNamer). */
export const controlPlaneSuffix = "control-plane";

/** The interface of every container of kind. */
const KIND_INTERFACE = "eth0";

/** The names of the interfaces with the nodes' addresses of `family`, each once. */
export function nodeInterfaces({ kind, hosts }: ClusterSpec, family: Family): readonly string[] {
  if (kind !== undefined) return [KIND_INTERFACE];
  const names = hosts.flatMap(({ interfaces }) => interfaces.find(({ ip }) => ip[family] !== undefined)?.name ?? []);
  return [...new Set(names)];
}

/** The ranges of the links on which nodes have their addresses, in the cluster's order, each once. */
export function nodeRanges({ kind, hosts, network: { families } }: ClusterSpec): readonly Cidr[] {
  if (kind !== undefined) return inOrder(families, kind.network);
  const ranges = families.flatMap((family) =>
    hosts.flatMap(({ addresses, interfaces }) =>
      interfaces.flatMap(({ ip }) => {
        const address = ip[family]?.address;
        return address?.address.equals(addresses[family]!) ? [address.network] : [];
      }),
    ),
  );
  return [...new Map(ranges.map((range) => [String(range), range])).values()];
}
