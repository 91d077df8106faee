/** Which part of the address space a strip shows, so that ranges far apart do not make each other invisible. Pure. */
import { Address, bitsOf, Cidr } from "../../spec/addresses";
import type { Family } from "../../spec/families";

/** Ranges that lie in one strip, drawn to the scale of `frame`. */
export interface Frame<T> {
  readonly frame: Cidr;
  readonly ranges: readonly T[];
}

/** The longest strips: the private 10.0.0.0/8 of RFC 1918, and what a registry gives one site's provider. */
const WIDEST: Readonly<Record<Family, number>> = { ipv4: 8, ipv6: 32 };

/** Puts ranges that share their first bits into one frame, the smallest that holds them; `ranges` are of one family and sorted. */
export function frames<T extends { readonly cidr: Cidr }>(ranges: readonly T[]): Frame<T>[] {
  const [first] = ranges;
  if (first === undefined) return [];
  const frame = common(ranges.map(({ cidr }) => cidr));
  if (ranges.length === 1 || frame.prefix >= WIDEST[frame.family]) return [{ frame, ranges }];
  const middle = frame.subnet(frame.prefix + 1, 1).network.value;
  const isLow = ({ cidr }: T) => cidr.network.value < middle;
  return [...frames(ranges.filter(isLow)), ...frames(ranges.filter((one) => !isLow(one)))];
}

/** The smallest range that holds all of `ranges`. */
function common(ranges: readonly Cidr[]): Cidr {
  const [first] = ranges;
  if (first === undefined) throw new Error("no range has no frame");
  const bits = bitsOf(first.family);
  const differing = ranges.reduce((all, { network }) => all | (network.value ^ first.network.value), 0n);
  const shared = differing === 0n ? bits : bits - differing.toString(2).length;
  return Cidr.of(
    Address.of(first.family, first.network.value),
    Math.min(shared, ...ranges.map(({ prefix }) => prefix)),
  );
}

/** Where `cidr` lies in `frame`, in percent of its width, and how wide it is. */
export function place(frame: Cidr, cidr: Cidr): { readonly left: number; readonly width: number } {
  return {
    left: percent(cidr.network.value - frame.network.value, frame.capacity),
    width: percent(cidr.capacity, frame.capacity),
  };
}

/** `part` of `whole` in percent with three decimals; both may be far beyond what a number holds. */
export function percent(part: bigint, whole: bigint): number {
  return Number((part * 100_000n) / whole) / 1000;
}
