/**
 * Addresses as text: strict reading, and writing in the one canonical form. Values are bigints in between.
 */
import { isIPv4, isIPv6 } from "node:net";
import type { Family } from "./families";

/** A text that is no address, or not one that a spec may hold. `code` is stable, `message` says what to write instead. */
export class AddressError extends Error {
  override readonly name = "AddressError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** Length of an address in bits: 32 (RFC 791) or 128 (RFC 4291). */
export function bitsOf(family: Family): number {
  return family === "ipv4" ? 32 : 128;
}

/** IPv4-mapped addresses, RFC 4291 section 2.5.5.2: `::ffff:0:0/96`. */
const MAPPED = 0xffffn;

/**
 * Reads one address. Throws {@link AddressError} for everything that programs are known to read differently:
 * leading zeros (decimal or octal), zone ids (RFC 4007), IPv4-mapped addresses, brackets (RFC 3986), masks and ports.
 */
export function readAddress(text: string): { family: Family; value: bigint } {
  const family = familyOf(text);
  if (family === undefined) throw explain(text);
  if (family === "ipv4") return { family, value: readIpv4(text) };
  const value = readIpv6(text);
  if (value >> 32n === MAPPED) {
    const inner = writeAddress("ipv4", value & 0xffffffffn);
    throw new AddressError("address-ipv4-mapped", `an IPv4-mapped address names an IPv4 host: write ${inner}`);
  }
  return { family, value };
}

function familyOf(text: string): Family | undefined {
  if (text.includes("%")) return undefined;
  if (isIPv4(text)) return "ipv4";
  return isIPv6(text) ? "ipv6" : undefined;
}

function readIpv4(text: string): bigint {
  return text.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function readIpv6(text: string): bigint {
  const [head = "", tail] = withoutDots(text).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros: string[] = Array(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** `64:ff9b::192.0.2.1` -> `64:ff9b::c000:201` (RFC 4291 section 2.2, form 3). */
function withoutDots(text: string): string {
  const start = text.lastIndexOf(":") + 1;
  if (!text.includes(".", start)) return text;
  const low = readIpv4(text.slice(start));
  return `${text.slice(0, start)}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
}

/** The canonical text: dotted decimal, or RFC 5952 (lower case, no leading zeros, the first longest run of zero groups as `::`). */
export function writeAddress(family: Family, value: bigint): string {
  if (family === "ipv4") return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (value >> BigInt(112 - 16 * i)) & 0xffffn);
  const hex = groups.map((group) => group.toString(16));
  const run = longestZeroRun(groups);
  if (run.length < 2) return hex.join(":");
  return `${hex.slice(0, run.start).join(":")}::${hex.slice(run.start + run.length).join(":")}`;
}

/** RFC 5952 section 4.2.3: the longest run; of equal ones the first. */
function longestZeroRun(groups: readonly bigint[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, i) => {
    length = group === 0n ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  });
  return best;
}

const LEADING_ZERO = /^\d+(\.\d+){3}$/;

/** Why `text` is no address: the likeliest mistake, and what to write. */
function explain(text: string): AddressError {
  if (text.trim() === "") return new AddressError("address-empty", "an address is missing here");
  if (text !== text.trim()) return new AddressError("address-space", "take away the spaces around the address");
  if (/^\[.*\]$/.test(text)) {
    return new AddressError("address-brackets", `brackets belong only before a port: write ${text.slice(1, -1)}`);
  }
  if (text.includes("%")) {
    const bare = text.slice(0, text.indexOf("%"));
    return new AddressError("address-zone", `a zone (%...) has a meaning on one host only: write ${bare} without it`);
  }
  if (text.includes("/")) return new AddressError("address-mask", "an address without a /mask is wanted here");
  return explainParts(text);
}

function explainParts(text: string): AddressError {
  const [host = "", port] = text.split(":");
  if (isIPv4(host) && port !== undefined) {
    return new AddressError("address-port", `an address without a port is wanted here: write ${host}`);
  }
  if (LEADING_ZERO.test(text) && /(^|\.)0\d/.test(text)) {
    const decimal = text.split(".").map(Number).join(".");
    const hint = isIPv4(decimal) ? `: write ${decimal} if decimal was meant` : "";
    return new AddressError(
      "address-leading-zero",
      `leading zeros mean octal to some programs, decimal to others${hint}`,
    );
  }
  if (LEADING_ZERO.test(text)) return new AddressError("address-syntax", "each of the four numbers must be 0 to 255");
  const example = text.includes(":")
    ? 'an IPv6 address such as "fd00:10::1"'
    : 'an address such as 192.168.1.10 or "fd00:10::1"';
  return new AddressError("address-syntax", `not an address; write ${example}`);
}
