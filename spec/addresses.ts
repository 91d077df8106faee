/**
 * Addresses and ranges as values. They are made by `parse` (from text, strict) or `of` (from parts), never change,
 * and print themselves canonically (RFC 5952). All arithmetic is on bigints.
 */
import { isIPv6 } from "node:net";
import { AddressError, bitsOf, readAddress, writeAddress } from "./address-text";
import type { Family } from "./families";

export { AddressError, bitsOf } from "./address-text";

/** One IPv4 or IPv6 address. */
export class Address {
  private constructor(
    readonly family: Family,
    /** The address as an unsigned number, network byte order. */
    readonly value: bigint,
  ) {}

  /** Reads `192.168.1.10` or `fd00::1`. Throws {@link AddressError}. */
  static parse(text: string): Address {
    const { family, value } = readAddress(text);
    return new Address(family, value);
  }

  /** Throws RangeError when `value` does not fit the family. */
  static of(family: Family, value: bigint): Address {
    if (value < 0n || value >> BigInt(bitsOf(family)) !== 0n) throw new RangeError(`${value} is no ${family} address`);
    return new Address(family, value);
  }

  /** The address `n` further on. Throws RangeError past either end of the family. */
  plus(n: bigint | number): Address {
    return Address.of(this.family, this.value + BigInt(n));
  }

  equals(other: Address): boolean {
    return this.family === other.family && this.value === other.value;
  }

  /** Written once: a plan asks for the same addresses again and again. */
  #text: string | undefined;

  /** Canonical text, without brackets. */
  toString(): string {
    this.#text ??= writeAddress(this.family, this.value);
    return this.#text;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A range in CIDR notation (RFC 4632, RFC 4291 section 2.3): a network address without host bits, and a prefix length. */
export class Cidr {
  private readonly hostBits: bigint;

  private constructor(
    /** The first address of the range. */
    readonly network: Address,
    /** Prefix length in bits. */
    readonly prefix: number,
  ) {
    this.hostBits = BigInt(bitsOf(network.family) - prefix);
  }

  /** Reads `10.244.0.0/16`. Throws {@link AddressError}, also when host bits are set. */
  static parse(text: string): Cidr {
    const { address, prefix } = splitPrefix(text);
    const cidr = Cidr.of(address, prefix);
    if (cidr.network.equals(address)) return cidr;
    throw new AddressError("cidr-host-bits", `bits after the first ${prefix} are set; did you mean ${cidr}?`);
  }

  /** The range of length `prefix` that `address` lies in. Throws RangeError for a prefix that the family has not. */
  static of(address: Address, prefix: number): Cidr {
    const bits = bitsOf(address.family);
    if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits)
      throw new RangeError(`/${prefix} is not 0 to ${bits}`);
    const hostBits = BigInt(bits - prefix);
    return new Cidr(Address.of(address.family, (address.value >> hostBits) << hostBits), prefix);
  }

  get family(): Family {
    return this.network.family;
  }

  /** How many addresses the range holds, the first and the last included. */
  get capacity(): bigint {
    return 1n << this.hostBits;
  }

  get last(): Address {
    return this.network.plus(this.capacity - 1n);
  }

  contains(other: Address | Cidr): boolean {
    if (this.family !== other.family) return false;
    if (other instanceof Cidr) return other.prefix >= this.prefix && this.holds(other.network.value);
    return this.holds(other.value);
  }

  /** Do the first bits of `value` say that it lies here? */
  private holds(value: bigint): boolean {
    return (value ^ this.network.value) >> this.hostBits === 0n;
  }

  /** Do the two share an address? Two CIDR ranges do only when one holds the other. */
  overlaps(other: Cidr): boolean {
    return this.contains(other) || other.contains(this);
  }

  /** The address number `n`, counted from 0 = the network address. Throws RangeError outside the range. */
  nth(n: bigint | number): Address {
    const index = BigInt(n);
    if (index < 0n || index >= this.capacity) throw new RangeError(`${this} has no address number ${n}`);
    return this.network.plus(index);
  }

  /** How many ranges of length `prefix` fit in. Throws RangeError for a prefix shorter than the range's own. */
  subnets(prefix: number): bigint {
    if (prefix < this.prefix || prefix > bitsOf(this.family)) throw new RangeError(`${this} holds no /${prefix}`);
    return 1n << BigInt(prefix - this.prefix);
  }

  /** The range number `n` (from 0) of length `prefix` in this one. Throws RangeError outside. */
  subnet(prefix: number, n: bigint | number): Cidr {
    const index = BigInt(n);
    if (index < 0n || index >= this.subnets(prefix)) throw new RangeError(`${this} has no /${prefix} number ${n}`);
    return Cidr.of(this.network.plus(index << BigInt(bitsOf(this.family) - prefix)), prefix);
  }

  equals(other: Cidr): boolean {
    return this.prefix === other.prefix && this.network.equals(other.network);
  }

  toString(): string {
    return `${this.network}/${this.prefix}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The address of an interface together with the prefix length of its link: `192.168.1.10/24`. */
export class InterfaceAddress {
  private constructor(
    readonly address: Address,
    readonly prefix: number,
    /** The link's range. */
    readonly network: Cidr,
  ) {}

  /** Reads `192.168.1.10/24`. Throws {@link AddressError}. */
  static parse(text: string): InterfaceAddress {
    const { address, prefix } = splitPrefix(text);
    return new InterfaceAddress(address, prefix, Cidr.of(address, prefix));
  }

  get family(): Family {
    return this.address.family;
  }

  toString(): string {
    return `${this.address}/${this.prefix}`;
  }

  toJSON(): string {
    return this.toString();
  }
}

function splitPrefix(text: string): { address: Address; prefix: number } {
  const slash = text.indexOf("/");
  if (slash === -1) {
    const { family } = Address.parse(text);
    const example = family === "ipv4" ? `${text}/24` : `${text}/64`;
    throw new AddressError("cidr-mask-missing", `the prefix length is missing: write for example ${example}`);
  }
  const address = Address.parse(text.slice(0, slash));
  return { address, prefix: readPrefix(address.family, text.slice(slash + 1)) };
}

function readPrefix(family: Family, text: string): number {
  const bits = bitsOf(family);
  if (/^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= bits) return Number(text);
  const ones = family === "ipv4" ? prefixOfDottedMask(text) : undefined;
  const hint = ones === undefined ? "" : `: write /${ones}`;
  throw new AddressError("cidr-mask", `the prefix length must be a whole number from 0 to ${bits}${hint}`);
}

/** `255.255.0.0` -> 16; undefined for anything that is no such mask. */
function prefixOfDottedMask(text: string): number | undefined {
  const prefixes = Array.from({ length: 33 }, (_, prefix) => prefix);
  return prefixes.find((prefix) => Cidr.of(Address.of("ipv4", 0xffffffffn), prefix).network.toString() === text);
}

/** `host:port` as URLs and kubeadm want it: an IPv6 address in brackets (RFC 3986 section 3.2.2), names and IPv4 bare. */
export function hostPort(host: string | Address, port: number): string {
  const text = host.toString();
  return isIPv6(text) ? `[${text}]:${port}` : `${text}:${port}`;
}
