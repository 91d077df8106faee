/** Ranges that the standards keep for other uses (RFC 6890 and the registries that it began). */
import { type Address, Cidr } from "../addresses";
import type { Path } from "../problems";
import {
  alone,
  type Context,
  gatewayPlaces,
  interfaceAddresses,
  kindPlaces,
  otherAddresses,
  podPlaces,
  servicePlaces,
} from "./context";

interface Special {
  readonly range: Cidr;
  readonly what: string;
}

const special = (range: string, what: string): Special => ({ range: Cidr.parse(range), what });

const FORBIDDEN: readonly Special[] = [
  special("0.0.0.0/8", "'this network' (RFC 791)"),
  special("127.0.0.0/8", "the loopback range (RFC 1122)"),
  special("169.254.0.0/16", "the link-local range (RFC 3927), which no router forwards"),
  special("192.0.0.0/24", "the range of IETF protocols (RFC 6890)"),
  special("192.88.99.0/24", "the anycast range of 6to4, which is no longer in use (RFC 7526)"),
  special("224.0.0.0/4", "the multicast range (RFC 5771)"),
  special("240.0.0.0/4", "the reserved range (RFC 1112)"),
  special("64:ff9b::/96", "the NAT64 prefix (RFC 6052)"),
  special("64:ff9b:1::/48", "the local NAT64 prefix (RFC 8215)"),
  special("100::/64", "the range whose packets are thrown away (RFC 6666)"),
  special("2001::/32", "the Teredo range (RFC 4380)"),
  special("2001:10::/28", "the range of ORCHID, which no router forwards (RFC 4843)"),
  special("2001:20::/28", "the range of ORCHIDv2, which no router forwards (RFC 7343)"),
  special("5f00::/16", "the range of segment routing (RFC 9602)"),
  special("::/8", "the range of loopback, unspecified and embedded addresses (RFC 4291)"),
  special("fe80::/10", "the link-local range (RFC 4291), which no router forwards"),
  special("fec0::/10", "the site-local range, which is no longer in use (RFC 3879)"),
  special("ff00::/8", "the multicast range (RFC 4291)"),
];

const DOCUMENTATION: readonly Special[] = [
  special("192.0.2.0/24", "RFC 5737"),
  special("198.51.100.0/24", "RFC 5737"),
  special("203.0.113.0/24", "RFC 5737"),
  special("2001:db8::/32", "RFC 3849"),
  special("3fff::/20", "RFC 9637"),
];

/** Allowed, and worth a thought. */
const QUESTIONABLE: readonly Special[] = [
  special("2002::/16", "the 6to4 range, which is no longer in use (RFC 7526): routers may drop it"),
  special("fc00::/8", "the half of the unique local range that is not defined; RFC 4193 has only fd00::/8"),
];

/** Ranges that other programs give to this very host. */
const SHARED: readonly Special[] = [
  special("100.64.0.0/10", "the range of carriers' NAT (RFC 6598) and of Tailscale"),
  special("198.18.0.0/15", "the range of benchmarks (RFC 2544)"),
  special("fd7a:115c:a1e0::/48", "the range of Tailscale"),
];

/** What is handed out: global unicast and unique local (IANA ipv6-address-space). */
const ASSIGNED: readonly Cidr[] = [Cidr.parse("2000::/3"), Cidr.parse("fc00::/7")];

const LINK_LOCAL = Cidr.parse("fe80::/10");

/** Everything that has an address or a range keeps clear of the special ones. */
export function specialRanges(context: Context): void {
  for (const { path, value } of [...podPlaces(context), ...servicePlaces(context)]) {
    check(context, path, value);
    const shared = SHARED.find(({ range }) => range.overlaps(value));
    if (shared !== undefined) {
      const message = `touches ${shared.range}, ${shared.what}; choose another range if a host may meet it`;
      context.source.warning(path, "shared-range", message);
    }
  }
  for (const { path, value } of kindPlaces(context)) check(context, path, value);
  for (const { path, value } of interfaceAddresses(context)) check(context, path, alone(value.address));
  for (const { path, value } of otherAddresses(context)) check(context, path, alone(value));
  for (const { path, value } of gatewayPlaces(context)) {
    // RFC 4861: routers are known by their link-local addresses.
    if (!LINK_LOCAL.contains(value)) check(context, path, alone(value));
  }
}

/** Reports what is wrong with a single address, or worth a thought. Gives false when something was. */
export function checkAlone(context: Context, path: Path, address: Address): boolean {
  const before = context.source.problems.length;
  check(context, path, alone(address));
  return context.source.problems.length === before;
}

function check({ source }: Context, path: Path, range: Cidr): void {
  const forbidden = FORBIDDEN.find((one) => one.range.overlaps(range));
  if (forbidden !== undefined) {
    const use =
      range.family === "ipv4"
        ? "a private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)"
        : "one of your own or of fd00::/8";
    source.error(path, "special-range", `touches ${forbidden.range}, ${forbidden.what}; use ${use}`);
    return;
  }
  if (range.family === "ipv6" && !ASSIGNED.some((one) => one.contains(range))) {
    const message =
      "is outside what is handed out for hosts (2000::/3 and fc00::/7); use one of your own or of fd00::/8";
    source.error(path, "special-range", message);
    return;
  }
  const questionable = QUESTIONABLE.find((one) => one.range.overlaps(range));
  if (questionable !== undefined) {
    source.warning(
      path,
      "questionable-range",
      `touches ${questionable.range}, ${questionable.what}; use one of your own`,
    );
    return;
  }
  const documentation = DOCUMENTATION.find((one) => one.range.overlaps(range));
  if (documentation === undefined) return;
  const message = `touches ${documentation.range}, which is for examples in documents (${documentation.what}); use one of your own`;
  source.warning(path, "documentation-range", message);
}
