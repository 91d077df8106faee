/** The load balancer: where the addresses of Services of type LoadBalancer come from. */
import { AddressError } from "../addresses";
import { DEFAULTS } from "../defaults";
import { type Family, ipFamily } from "../families";
import { choice, defaulted, FLAG, integer, list, optional, parsed, required, struct } from "../shapes";
import { Span } from "../spans";
import { NAME, VERSION } from "../texts";
import { ADDRESS } from "./values";

const EXAMPLES = { ipv4: "192.168.1.200-192.168.1.220", ipv6: '"fd00:10::200-fd00:10::220"' } as const;

/** The first and the last address, or a range. */
const span = (family: Family) => {
  const what = `the first and the last ${ipFamily(family)} address, such as ${EXAMPLES[family]}, or a range`;
  return parsed(what, (text) => {
    const value = Span.parse(text);
    if (value.family === family) return value;
    throw new AddressError("family-wrong", `must be ${what}`);
  });
};

const ONE_POOL = "one pool holds both families: a Service gets its two addresses from one pool only";

export const POOL = struct(
  {
    name: required(NAME, "Name of the pool; Services may ask for it."),
    ipv4: optional(span("ipv4"), "IPv4 addresses."),
    ipv6: optional(span("ipv6"), "IPv6 addresses."),
    autoAssign: defaulted(FLAG, "Given to Services that ask for no pool.", DEFAULTS.autoAssign),
    avoidBuggyIPs: defaulted(FLAG, "Keep addresses ending in .0 and .255 back.", DEFAULTS.avoidBuggyIPs),
  },
  { addresses: `write ipv4: ..., ipv6: ...; ${ONE_POOL}` },
);

/** RFC 6793: numbers of autonomous systems have 32 bits, 0 is none (RFC 7607). */
const ASN = integer(1, 4_294_967_295);

const BGP = struct({
  asn: required(ASN, "Number of the cluster's own autonomous system."),
  peers: required(
    list(struct({ address: required(ADDRESS, "The router."), asn: required(ASN, "Its autonomous system.") }), 1),
    "Routers that are told. Where all are of one family, they are told the routes of both.",
  ),
});

export const LOAD_BALANCER = struct({
  kind: required(choice(["metallb"]), "What gives out the addresses."),
  version: defaulted(VERSION, "Its release.", DEFAULTS.metallbVersion),
  mode: defaulted(
    choice(["l2", "bgp"]),
    "How the network learns of an address: l2 answers ARP and NDP on the hosts' link, bgp tells routers.",
    DEFAULTS.balancerMode,
  ),
  pools: required(list(POOL, 1), "The addresses, each pool with both families."),
  bgp: optional(BGP, "The routers, with mode bgp."),
});
