/** The ranges of a cluster that its address map shows, each with what is used of it. Pure. */
import type { Address, Cidr } from "../../spec/addresses";
import { type Family, ipFamily } from "../../spec/families";
import { nodesOf } from "../../spec/nodes";
import type { ClusterSpec } from "../../spec/types";
import { addressPlan } from "../addresses";

/** An address that stands out in a range. */
export interface Mark {
  readonly address: Address;
  readonly what: string;
}

/** One range of the map. */
export interface MapRange {
  readonly kind: "hosts" | "pods" | "services" | "reserved";
  readonly cidr: Cidr;
  /** Addresses with a name: hosts, gateways, the Service of the API, DNS. */
  readonly marks: readonly Mark[];
  /** The range is cut into `of` equal parts, one a node, and `used` of them are given away. */
  readonly parts?: { readonly used: number; readonly of: number };
  /** What is used and what is left, in words. */
  readonly text: string;
}

/** The ranges of `family`, in the order of their addresses. */
export function mapRanges(spec: ClusterSpec, family: Family): MapRange[] {
  const all = [
    ...links(spec, family),
    ...pods(spec, family),
    ...services(spec, family),
    ...spec.network.reserved
      .filter((cidr) => cidr.family === family)
      .map((cidr): MapRange => ({ kind: "reserved", cidr, marks: [], text: "used by something else" })),
  ];
  return all.sort(({ cidr: a }, { cidr: b }) => (a.network.value < b.network.value ? -1 : 1));
}

/** The links of the hosts; the machine outside belongs to a link only where its address lies in one. */
function links(spec: ClusterSpec, family: Family): MapRange[] {
  const ranges = new Map<string, { cidr: Cidr; marks: Map<string, Mark> }>();
  const add = (cidr: Cidr, address: Address, what: string) => {
    const range = ranges.get(cidr.toString()) ?? { cidr, marks: new Map() };
    if (cidr.contains(address)) range.marks.set(address.toString(), { address, what });
    ranges.set(cidr.toString(), range);
  };
  const docker = spec.kind?.network[family];
  if (docker !== undefined) add(docker, docker.nth(1), "gateway");
  for (const { name, interfaces } of spec.hosts) {
    for (const each of interfaces) {
      const ip = each.ip[family];
      if (ip === undefined) continue;
      add(ip.address.network, ip.address.address, name);
      if (ip.gateway !== undefined) add(ip.address.network, ip.gateway, "gateway");
    }
  }
  const outside = spec.verification.outside;
  const there = outside?.addresses[family];
  for (const { cidr } of [...ranges.values()]) if (outside && there) add(cidr, there, outside.name);
  return [...ranges.values()].map(({ cidr, marks }) => ({
    kind: "hosts",
    cidr,
    marks: [...marks.values()].sort((a, b) => (a.address.value < b.address.value ? -1 : 1)),
    text: `${marks.size} of ${amount(cidr.capacity)} addresses used`,
  }));
}

function pods(spec: ClusterSpec, family: Family): MapRange[] {
  const plan = addressPlan(spec).pods.find((one) => one.family === family);
  if (plan === undefined) return [];
  const used = nodesOf(spec).length;
  return [
    {
      kind: "pods",
      cidr: plan.range,
      marks: [],
      parts: { used, of: plan.nodes },
      text:
        `${used} of ${amount(BigInt(plan.nodes))} node ranges (/${plan.first.prefix}) used, ${amount(BigInt(plan.left))} left; ` +
        `each holds ${amount(plan.perNode)} pod addresses`,
    },
  ];
}

function services(spec: ClusterSpec, family: Family): MapRange[] {
  const plan = addressPlan(spec);
  const own = plan.services.find((one) => one.family === family);
  if (own === undefined) return [];
  const known = [
    { address: plan.api.service, what: "Service kubernetes" },
    { address: plan.dns, what: "DNS" },
  ].filter(({ address }) => address.family === family);
  const text = `${amount(own.usable)} addresses for Services`;
  return [{ kind: "services", cidr: own.range, marks: known, text }];
}

/** Nobody reads 18446744073709551616. */
export function amount(value: bigint): string {
  if (value < 1_000_000_000n) return value.toLocaleString("en-US");
  const power = (value + 2n).toString(2).length - 1;
  return value === 1n << BigInt(power) ? `2^${power}` : `about 2^${power}`;
}

/** `IPv6, primary`. */
export function familyTitle(spec: ClusterSpec, family: Family): string {
  const { families } = spec.network;
  if (families.length === 1) return `${ipFamily(family)}, the only family`;
  return `${ipFamily(family)}, ${families[0] === family ? "the primary family" : "the second family"}`;
}
