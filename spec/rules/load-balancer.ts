/** Rules about the load balancer: its release, how it announces, and that its pools serve the families of the cluster. */
import { poolSpans } from "../derive-way-in";
import { releaseOf } from "../versions";
import { INTEGER_FORMATS, METALLB_INT32, METALLB_VERSIONS } from "../way-in-versions";
import type { Context } from "./context";
import { onLink, poolPlaces, spanPlaces } from "./pools";
import { checkAlone } from "./special";

/** Manifests differ from release to release, so an unknown one cannot be guessed. */
export function balancerVersion({ source, draft }: Context): void {
  const version = draft.loadBalancer?.version;
  if (version === undefined || METALLB_VERSIONS.includes(version)) return;
  const message = `dualstack knows the manifests of MetalLB ${METALLB_VERSIONS.join(" and ")}; choose one of these`;
  source.error(["loadBalancer", "version"], "metallb-unknown", message);
}

/** MetalLB's AS numbers were int32 with a larger maximum, which API servers overlook until they heed the formats of integers. */
export function balancerRelease({ source, draft }: Context): void {
  const { version, mode } = draft.loadBalancer ?? {};
  const minor = releaseOf(draft.kubernetes?.version ?? "")?.minor ?? 0;
  if (version !== METALLB_INT32 || mode !== "bgp" || minor < INTEGER_FORMATS) return;
  const message = `Kubernetes since 1.${INTEGER_FORMATS} takes no BGPPeer of it (the numbers of AS are int32 there, with a larger maximum); use ${METALLB_VERSIONS[0]}, or mode: l2`;
  source.error(["loadBalancer", "version"], "metallb-int32", message);
}

/** BGP needs routers of the cluster's families; L2 has no use for them. */
export function balancerMode({ source, draft, families }: Context): void {
  const { mode, bgp } = draft.loadBalancer ?? {};
  const path = ["loadBalancer", "bgp"];
  if (mode === "bgp" && !source.has(path)) {
    source.error(["loadBalancer", "mode"], "bgp-missing", "needs the routers: write bgp: {asn: ..., peers: [...]}");
  } else if (mode === "l2" && source.has(path)) {
    source.error(path, "bgp-unused", "is for mode bgp, and the mode is l2; take it away, or write mode: bgp");
  }
  bgp?.peers?.forEach((peer, i) => {
    if (peer?.address === undefined || families === undefined || families.includes(peer.address.family)) return;
    const message = `hosts have no ${peer.address.family} address to reach it from; give a router's ${families.join(" or ")} address`;
    source.error([...path, "peers", i, "address"], "bgp-family", message);
  });
}

/** Every pool has a name of its own and addresses that a host may have. */
export function pools(context: Context): void {
  const seen = new Set<string>();
  for (const { path, value } of poolPlaces(context)) {
    const { name } = value;
    if (name !== undefined && seen.has(name)) {
      context.source.error([...path, "name"], "pool-twice", "another pool has this name; names are unique");
    }
    if (name !== undefined) seen.add(name);
    const isEmpty = !context.source.has([...path, "ipv4"]) && !context.source.has([...path, "ipv6"]);
    if (isEmpty) context.source.error(path, "pool-empty", "holds no address; write ipv4: first-last, ipv6: first-last");
  }
  for (const { path, value } of spanPlaces(context)) {
    for (const address of [value.first, value.last]) if (!checkAlone(context, path, address)) break;
  }
}

/** MetalLB gives a Service its two addresses out of one pool (metallb.io/usage: dual stack), and none of a family that the cluster has not. */
export function poolFamilies(context: Context): void {
  const { source, families } = context;
  if (families === undefined) return;
  for (const { path, value } of poolPlaces(context)) {
    const has = poolSpans(value).map(({ family }) => family);
    for (const family of has.filter((one) => !families.includes(one))) {
      const message = `network.families is [${families.join(", ")}]; take this away, or add ${family} there`;
      source.error([...path, family], "pool-family", message);
    }
    const missing = families.filter((family) => !source.has([...path, family]));
    if (missing.length === 0 || missing.length === families.length) continue;
    const message = `has no ${missing.join(", ")} address: a Service that asks for both families gets none from here (RequireDualStack) or one (PreferDualStack), since both come from one pool; add ${missing.join(", ")}`;
    source.warning(path, "pool-one-family", message);
  }
}

/** L2 answers on the links of the hosts: for other addresses nobody asks there. */
export function poolLinks(context: Context): void {
  if (context.draft.loadBalancer?.mode !== "l2") return;
  for (const { path, value } of spanPlaces(context)) {
    if (onLink(context, value)) continue;
    const message =
      "lies on no link of the hosts, and l2 answers only there: routers have to send it to a host; take addresses of the link, or mode bgp";
    context.source.warning(path, "pool-off-link", message);
  }
}
