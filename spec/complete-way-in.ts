/** From a draft without mistakes to the typed ingress controllers and load balancer. */
import { defined, exposureOf, ingressVersion } from "./derive-way-in";
import { items, must } from "./must";
import type { Draft, DraftIngress, DraftLoadBalancer } from "./schema";
import type { Exposure, Ingress, LoadBalancer } from "./way-in";

export function ingress(draft: Draft, written: DraftIngress, isDefault: boolean): Ingress {
  const kind = must(written.kind, "ingress.kind");
  return {
    kind,
    version: must(ingressVersion(written), "ingress.version"),
    exposure: exposure(draft, written),
    externalIPs: items(written.externalIPs, "ingress.externalIPs"),
    keepClientAddress: must(written.keepClientAddress, "ingress.keepClientAddress"),
    ...(written.certificate === undefined ? {} : { certificate: written.certificate }),
    isDefault,
  };
}

function exposure(draft: Draft, written: DraftIngress): Exposure {
  const how = must(exposureOf(draft, written), "ingress.expose");
  switch (how) {
    case "load-balancer": {
      const addresses = defined(written.addresses ?? { ipv4: undefined, ipv6: undefined });
      return written.pool === undefined ? { how, addresses } : { how, pool: written.pool, addresses };
    }
    case "node-port": {
      const { http, https } = must(written.nodePorts, "ingress.nodePorts");
      return { how, http: must(http, "ingress.nodePorts.http"), https: must(https, "ingress.nodePorts.https") };
    }
    default:
      return { how };
  }
}

export function loadBalancer(written: DraftLoadBalancer): LoadBalancer {
  const pools = items(written.pools, "loadBalancer.pools").map((pool) => ({
    name: must(pool.name, "a pool's name"),
    addresses: defined({ ipv4: pool.ipv4, ipv6: pool.ipv6 }),
    autoAssign: must(pool.autoAssign, "a pool's autoAssign"),
    avoidBuggyIPs: must(pool.avoidBuggyIPs, "a pool's avoidBuggyIPs"),
  }));
  return {
    kind: must(written.kind, "loadBalancer.kind"),
    version: must(written.version, "loadBalancer.version"),
    announce: announce(written),
    pools,
  };
}

function announce({ mode, bgp }: DraftLoadBalancer): LoadBalancer["announce"] {
  if (must(mode, "loadBalancer.mode") === "l2") return { by: "l2" };
  const peers = items(bgp?.peers, "loadBalancer.bgp.peers").map(({ address, asn }) => ({
    address: must(address, "a peer's address"),
    asn: must(asn, "a peer's asn"),
  }));
  return { by: "bgp", asn: must(bgp?.asn, "loadBalancer.bgp.asn"), peers };
}
