/** NodeLocal DNSCache: a DNS cache on every node, one instance for each family. */
import { DEFAULTS } from "../defaults";
import { defaulted, FLAG, struct } from "../shapes";
import { IMAGE } from "../texts";
import { address } from "./values";

export const NODE_LOCAL_DNS = struct({
  enabled: defaulted(FLAG, "Run it.", DEFAULTS.nodeLocalDns),
  ipv4: defaulted(address("ipv4"), "Its IPv4 address, the same on every node.", DEFAULTS.nodeLocalIpv4),
  ipv6: defaulted(address("ipv6"), "Its IPv6 address, the same on every node.", DEFAULTS.nodeLocalIpv6),
  image: defaulted(IMAGE, "Its image.", DEFAULTS.nodeLocalImage),
});
