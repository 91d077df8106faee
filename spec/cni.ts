/** What of the network add-on follows from other values of the spec. */
import { ADD_ONS, OVERHEADS } from "./add-ons";
import { Cidr } from "./addresses";
import { podRanges } from "./derive";
import { FAMILIES, type Family } from "./families";
import type { Draft } from "./schema";
import type { Cni } from "./types";

/** Ranges whose addresses no router outside knows a way back to. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"].map(Cidr.parse);

/** Is a range one that only its own network knows? */
export function isPrivate(range: Cidr): boolean {
  return PRIVATE.some((one) => one.contains(range));
}

/** The families in which pods leave under their node's address: those that are written, else those that need it. */
export function masqueraded(draft: Draft, families: readonly Family[]): readonly Family[] {
  // ip-masq-agent decides alone: another's rule would masquerade what it lets through
  if (draft.ipMasq?.enabled) return [];
  const written = draft.cni?.masquerade;
  const present = FAMILIES.filter((family) => families.includes(family));
  if (written !== undefined) return present.filter((family) => written.includes(family));
  const ranges = podRanges(draft);
  const needed = present.filter((family) => ranges[family] !== undefined && isPrivate(ranges[family]));
  return draft.cni?.kind === "flannel" && needed.length > 0 ? present : needed;
}

/** What a tunnel takes of a packet, in bytes: the most of the cluster's families (Calico's guide to MTUs). */
export function overhead(backend: Cni["backend"], families: readonly Family[]): number {
  return Math.max(...FAMILIES.filter((family) => families.includes(family)).map((one) => OVERHEADS[backend][one]));
}

/** The release that is written, else the newest that dualstack knows. */
export function cniVersion(draft: Draft): string | undefined {
  const { kind, version } = draft.cni ?? {};
  return version ?? (kind && ADD_ONS[kind].versions.at(-1));
}
