/** Rules about what runs on every node beside kube-proxy: NodeLocal DNSCache and ip-masq-agent. */
import { Cidr } from "../addresses";
import { nodeLocalAddresses, proxyMode } from "../derive";
import { FAMILIES } from "../families";
import { pathText } from "../problems";
import { type Context, interfaceAddresses, reservedPlaces } from "./context";

const LINK_LOCAL = Cidr.parse("fe80::/10");

/** The addresses of the caches are on every node at once, so nobody else may have them. Pods and services: spec/rules/overlaps.ts. */
export function nodeLocalDns(context: Context): void {
  const { source, draft } = context;
  if (draft.nodeLocalDns?.enabled !== true) return;
  if (proxyMode(draft) === "none") {
    const message =
      "what replaces kube-proxy sends packets for the DNS Service to its pods before the cache sees them; use kube-proxy, or leave the cache out";
    source.error(["nodeLocalDns"], "node-local-dns-proxy", message);
  }
  const addresses = nodeLocalAddresses(draft);
  for (const family of FAMILIES) {
    const [address, path] = [addresses[family], ["nodeLocalDns", family]];
    if (address === undefined) continue;
    if (LINK_LOCAL.contains(address)) {
      const message = `${address} needs a zone (fe80::10%eth0), which the resolv.conf of a pod has not; use one of fd00::/8`;
      source.error(path, "node-local-dns-link-local", message);
      continue;
    }
    const link = interfaceAddresses(context).find(({ value }) => value.network.contains(address));
    const taken = reservedPlaces(context).find(({ value }) => value.contains(address));
    const place = link === undefined ? taken : { path: link.path, value: link.value.network };
    if (place === undefined) continue;
    const message = `${address} lies in ${place.value} (${pathText(place.path)}), where it may be somebody else's; give one that no network has`;
    source.error(path, "node-local-dns-taken", message);
  }
}

/** ip-masq-agent refuses more (its maxCIDRs). */
const MOST_RANGES = 64;

/** The agent takes so many ranges, those of pods and services among them. */
export function ipMasqRanges({ source, draft, families = [] }: Context): void {
  const { enabled, keep } = draft.ipMasq ?? {};
  if (enabled !== true || keep === undefined) return;
  const most = MOST_RANGES - 2 * families.length;
  if (keep.length > most) {
    const message = `ip-masq-agent takes ${MOST_RANGES} ranges, those of pods and services among them; list at most ${most}`;
    source.error(["ipMasq", "keep"], "ip-masq-many", message);
  }
  keep.forEach((range, i) => {
    if (range === undefined || families.length === 0 || families.includes(range.family)) return;
    const message = `no pod has an ${range.family} address, so none goes there; take it away`;
    source.error(["ipMasq", "keep", i], "ip-masq-family", message);
  });
}
