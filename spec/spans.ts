/** Runs of addresses, from the first to the last: what a pool of a load balancer holds. They need not be a CIDR range. */
import { Address, AddressError, bitsOf, Cidr } from "./addresses";
import type { Family } from "./families";

/** From `first` to `last`, both included, of one family. */
export class Span {
  private constructor(
    readonly first: Address,
    readonly last: Address,
  ) {}

  /**
   * Reads `192.168.1.200-192.168.1.220` or a range such as `192.168.1.192/27`. Throws {@link AddressError}: two families, the last
   * before the first, an address alone, or what no address or range may be.
   */
  static parse(text: string): Span {
    if (text.includes("/") && !text.includes("-")) return Span.of(Cidr.parse(text));
    const [first = "", last, ...more] = text.split("-");
    if (last === undefined || more.length > 0) {
      throw new AddressError("span-form", "write the first and the last address, such as 192.168.1.200-192.168.1.220");
    }
    const [from, to] = [Address.parse(first), Address.parse(last)];
    if (from.family !== to.family) {
      throw new AddressError(
        "span-families",
        `begins with ${from.family} and ends with ${to.family}; write one of each`,
      );
    }
    if (to.value < from.value) throw new AddressError("span-order", `ends before it begins; write ${to}-${from}`);
    return new Span(from, to);
  }

  /** All addresses of a range. */
  static of(range: Cidr): Span {
    return new Span(range.network, range.last);
  }

  get family(): Family {
    return this.first.family;
  }

  /** How many addresses it holds. */
  get size(): bigint {
    return this.last.value - this.first.value + 1n;
  }

  contains(address: Address): boolean {
    return address.family === this.family && this.first.value <= address.value && address.value <= this.last.value;
  }

  overlaps(other: Span | Cidr): boolean {
    const { first, last } = other instanceof Cidr ? Span.of(other) : other;
    return first.family === this.family && first.value <= this.last.value && this.first.value <= last.value;
  }

  /** Does it lie in `range` as a whole? */
  isIn(range: Cidr): boolean {
    return range.contains(this.first) && range.contains(this.last);
  }

  /** `192.168.1.200-192.168.1.220`, addresses in canonical form; a range as it is usually written. */
  toString(): string {
    const range = Cidr.of(this.first, prefixFor(this));
    return range.network.equals(this.first) && range.last.equals(this.last) ? `${range}` : `${this.first}-${this.last}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The prefix length of the range with as many addresses, rounded. */
function prefixFor({ family, size }: Span): number {
  return bitsOf(family) - (size.toString(2).length - 1);
}
