/** Rules about virtual addresses as the endpoint: the control planes hold them together, so all of them must be able to. */
import type { Cidr } from "../addresses";
import { hostName, virtualEndpoint } from "../derive";
import { type Family, ipFamily } from "../families";
import type { DraftHost } from "../schema";
import { type Context, endpointPlaces, hostPlaces, type Placed } from "./context";
import { wholeLink } from "./interfaces";

/** kubelets, kubeconfigs and clients of each family come by the endpoint: it has an address of each. */
export function virtualFamilies({ source, draft, families }: Context): void {
  const virtual = virtualEndpoint(draft);
  if (virtual === undefined) return;
  for (const family of families ?? []) {
    const path = ["network", "endpoint", family];
    if (virtual[family] !== undefined || source.has(path)) continue;
    const message = `is missing: the cluster has ${ipFamily(family)}; give a free address on the link of the control planes`;
    source.error(path, "virtual-missing", message);
  }
}

/**
 * A virtual address moves between neighbours by gratuitous ARP and unsolicited neighbour advertisements, which no router
 * passes on (RFC 9568 section 7.1): it lies on the link of every control plane's node address.
 */
export function virtualLinks(context: Context): void {
  if (virtualEndpoint(context.draft) === undefined) return;
  const planes = hostPlaces(context).filter(({ value }) => value.role === "control-plane");
  for (const { path, value } of endpointPlaces(context)) {
    const elsewhere = planes.find((plane) => linkOf(plane, value.family)?.contains(value) === false);
    if (elsewhere !== undefined) {
      const name = hostName(elsewhere.value) ?? "a control plane";
      const message = `is not on the link of ${name} (${linkOf(elsewhere, value.family)}), which could not hold it; give an address on the one link of all control planes`;
      context.source.error(path, "virtual-link", message);
    }
    const link = planes.map((plane) => linkOf(plane, value.family)).find((one) => one?.contains(value));
    const why = link && wholeLink(value, link);
    if (why !== undefined) context.source.error(path, "address-of-link", `${why}; give an address of its own`);
  }
}

/** The link of the node address: the first one of the family. */
function linkOf({ value }: Placed<DraftHost>, family: Family): Cidr | undefined {
  return value.interfaces?.map((one) => one?.[family]?.address?.network).find((network) => network !== undefined);
}
