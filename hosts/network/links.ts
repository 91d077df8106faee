/** The interfaces of a host as every back end renders them: what follows from other interfaces and from the cluster is worked out. */
import { type Address, Cidr, type InterfaceAddress } from "../../spec/addresses";
import { FAMILIES, type Family, inOrder } from "../../spec/families";
import type { Interface, InterfaceFamily, Route } from "../../spec/interface-types";
import type { ClusterSpec, Host } from "../../spec/types";

/** How a link comes to be: `link` is there, a member belongs to a bond, the others are made. */
export type Kind = "link" | "member" | "bond" | "vlan";

export interface Link extends Pick<Interface, "name" | "mac" | "mtu" | "vlan" | "bond"> {
  readonly kind: Kind;
  /** The bond that it is a member of. */
  readonly master?: string;
  /** Is it the member that its bond prefers? */
  readonly isPrimary: boolean;
  /** Names of the VLANs that it carries. */
  readonly vlans: readonly string[];
  /** The cluster's primary family first; of each family the first address first. */
  readonly addresses: readonly InterfaceAddress[];
  /** Default routes first. */
  readonly routes: readonly Route[];
  readonly ipv6: boolean;
  readonly advertisements: boolean;
  readonly privacy: boolean;
  readonly addressGeneration: Interface["addressGeneration"];
  readonly dns: readonly Address[];
  readonly search: readonly string[];
}

/** The links of a host, each after those that it stands on: links and members, bonds, VLANs. Empty when the host's own network stays. */
export function links(spec: ClusterSpec, host: Host): Link[] {
  if (host.backend === "none") return [];
  const listed = new Set(host.interfaces.map(({ name }) => name));
  const implied = host.interfaces.flatMap(({ bond }) =>
    (bond?.members ?? []).filter((name) => !listed.has(name)).map(bare),
  );
  const all = [...host.interfaces, ...implied].map((each) => link(spec, host, each));
  const order: readonly Kind[] = ["link", "member", "bond", "vlan"];
  return order.flatMap((kind) => all.filter((each) => each.kind === kind));
}

/** A member without an entry of its own. */
function bare(name: string): Interface {
  const off = { ipv6: false, advertisements: false, privacy: false, addressGeneration: "eui64" } as const;
  return { name, ip: {}, dns: [], search: [], ...off };
}

function link(spec: ClusterSpec, host: Host, { ip, ...each }: Interface): Link {
  const { families } = spec.network;
  const bond = host.interfaces.find((one) => one.bond?.members.includes(each.name));
  const master = bond?.name;
  const ips = inOrder([...families, ...FAMILIES.filter((family) => !families.includes(family))], ip);
  const kind = each.vlan ? "vlan" : each.bond ? "bond" : master === undefined ? "link" : "member";
  const mtu = bond?.mtu ?? each.mtu;
  return {
    ...each,
    kind,
    // the kernel gives members the size of their bond
    ...(mtu === undefined ? {} : { mtu }),
    ...(master === undefined ? {} : { master }),
    isPrimary: bond?.bond?.primary === each.name,
    vlans: host.interfaces.filter(({ vlan }) => vlan?.parent === each.name).map(({ name }) => name),
    addresses: ips.flatMap(({ address, secondary }) => [address, ...secondary]),
    routes: [
      ...ips.flatMap(defaultRoute),
      ...lastResort(spec, host, each.name),
      ...ips.flatMap(({ routes }) => routes),
    ],
  };
}

const EVERYWHERE: Readonly<Record<Family, Cidr>> = { ipv4: Cidr.parse("0.0.0.0/0"), ipv6: Cidr.parse("::/0") };

function defaultRoute({ address, gateway: via, gatewayMetric: metric }: InterfaceFamily): Route[] {
  if (via === undefined) return [];
  return [{ to: EVERYWHERE[address.family], via, ...(metric === undefined ? {} : { metric }) }];
}

/** Higher than what the kernel, networkd (1024) and NetworkManager (100 to 20,100) give any other default route. */
const LAST_METRIC = 65535;

/**
 * A host that knows no way out of a family still needs a default route of it: the kernel looks for a route before kube-proxy
 * changes the destination (projectcalico/calico#3215), and flannel does not start without one (pkg/ipmatch/match.go). This one says
 * that everything is on the node's own link. It goes by a real interface, so it needs no dummy one (some kernels have none), packets
 * get the node's address as their source, and a destination that is not there is an error in seconds instead of silence.
 */
function lastResort({ network: { families } }: ClusterSpec, { interfaces }: Host, name: string): Route[] {
  return families
    .filter((family) => interfaces.find(({ ip }) => ip[family] !== undefined)?.name === name)
    .filter((family) => !interfaces.some((each) => hasDefaultRoute(each, family)))
    .map((family) => ({ to: EVERYWHERE[family], metric: LAST_METRIC }));
}

function hasDefaultRoute({ ip, advertisements }: Interface, family: Family): boolean {
  return ip[family]?.gateway !== undefined || (family === "ipv6" && advertisements);
}

/** Those of `values` that are of `family`. */
export function of<T extends { readonly family: Family }>(family: Family, values: readonly T[]): T[] {
  return values.filter((value) => value.family === family);
}

/** The routes of `family`: its default routes, and the others. */
export function routesOf({ routes }: Link, family: Family): { readonly defaults: Route[]; readonly others: Route[] } {
  const all = routes.filter(({ to }) => to.family === family);
  return { defaults: all.filter(({ to }) => to.prefix === 0), others: all.filter(({ to }) => to.prefix > 0) };
}
