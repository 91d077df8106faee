/** Node names made of addresses. */
import { type Address, bitsOf } from "./addresses";

/**
 * `2001:db8::11` -> `2001-0db8-0000-0000-0000-0000-0000-0011`, `192.168.1.11` -> `192-168-1-11`: an RFC 1123 label.
 * Every group is written in full, since a shortened address (`2001-db8---11`) can end in a dash, and two spellings of one address
 * would be two nodes.
 */
export function nameOf(address: Address): string {
  if (address.family === "ipv4") return address.toString().replaceAll(".", "-");
  const digits = address.value.toString(16).padStart(bitsOf("ipv6") / 4, "0");
  return digits.match(/.{4}/g)!.join("-");
}
