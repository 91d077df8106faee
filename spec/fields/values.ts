/** Addresses, ranges and ports as fields hold them. */
import { Address, AddressError, Cidr, InterfaceAddress } from "../addresses";
import { parseEndpoint } from "../endpoint";
import { type Family, ipFamily } from "../families";
import { integer, type Parsed, parsed } from "../shapes";

/** `parse`, and the value must be of `family`. */
function of<T extends { family: Family }>(family: Family, thing: string, parse: (text: string) => T): Parsed<T> {
  const what = `an ${ipFamily(family)} ${thing}`;
  return parsed(what, (text) => {
    const value = parse(text);
    if (value.family === family) return value;
    throw new AddressError("family-wrong", `must be ${what}`);
  });
}

export const range = (family: Family) =>
  of(family, "range such as " + (family === "ipv4" ? "10.244.0.0/16" : '"fd00:10:244::/56"'), Cidr.parse);
export const address = (family: Family) => of(family, "address", Address.parse);
export const interfaceAddress = (family: Family) => of(family, "address with a prefix length", InterfaceAddress.parse);

export const ADDRESS = parsed("an address", Address.parse);
export const RANGE = parsed("a range such as 192.168.1.0/24", Cidr.parse);
export const ENDPOINT = parsed("name:port, address:port or [IPv6 address]:port", parseEndpoint);
export const PORT = integer(1, 65535);
