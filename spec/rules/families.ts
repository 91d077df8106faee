/** Rules about address families: ranges, hosts and lists have the families of the cluster, no more and no fewer. */
import { nodeAddresses } from "../derive";
import { FAMILIES, type Family } from "../families";
import type { Path } from "../problems";
import { type Context, hostPlaces } from "./context";

/** network.families names each family once. */
export function familiesOnce({ source, draft, families }: Context): void {
  const written = draft.network?.families;
  if (families !== undefined || written === undefined || written.includes(undefined)) return;
  source.error(
    ["network", "families"],
    "families-twice",
    "each family is listed once, the primary one first: [ipv4, ipv6]",
  );
}

/** Pods and services have a range for each family of the cluster and for no other (kube-apiserver and kubeadm take pairs). */
export function rangesOfEveryFamily(context: Context): void {
  const network = context.draft.network;
  checkRanges(context, ["network", "pods"], network?.pods);
  checkRanges(context, ["network", "services"], network?.services);
  for (const family of without(context)) {
    const path = ["network", "pods", "nodeMask", family];
    if (context.source.has(path)) extra(context, path, family);
  }
}

function checkRanges(context: Context, path: Path, ranges: { readonly [F in Family]: unknown } | undefined): void {
  const { source, families = [] } = context;
  if (ranges === undefined) return;
  for (const family of without(context)) if (source.has([...path, family])) extra(context, [...path, family], family);
  const none = FAMILIES.every((family) => !source.has([...path, family]));
  for (const family of none ? [] : families) {
    if (source.has([...path, family])) continue;
    source.error(
      path,
      "family-missing",
      `network.families lists ${family}; add a range for ${family} here, or give none to get the defaults`,
    );
  }
}

function without({ families }: Context): Family[] {
  return families === undefined ? [] : FAMILIES.filter((family) => !families.includes(family));
}

function extra({ source, families = [] }: Context, path: Path, family: Family): void {
  const message = `network.families is [${families.join(", ")}]; take this away, or add ${family} there`;
  source.error(path, "family-extra", message);
}

/** Every host has an address of each family: kubelet's --node-ip, and a Node with both InternalIPs. */
export function hostsOfEveryFamily(context: Context): void {
  const { source, families = [] } = context;
  for (const { path, value: host } of hostPlaces(context)) {
    const addresses = nodeAddresses(host.interfaces);
    for (const family of families) {
      if (addresses[family] !== undefined || unreadable(context, path, family)) continue;
      const message = `network.families lists ${family}, but no interface of this host has an ${family} address; add one`;
      source.error([...path, "interfaces"], "host-family-missing", message);
    }
  }
}

/** Is an address of `family` written on the host, though not a valid one? Then that was reported. */
function unreadable({ source, draft }: Context, path: Path, family: Family): boolean {
  const interfaces = draft.hosts?.[Number(path[1])]?.interfaces;
  if (interfaces === undefined) return true;
  return interfaces.some((one, i) => one === undefined || source.has([...path, "interfaces", i, family]));
}

/** The outside host can try only the families that it has. */
export function outsideOfEveryFamily({ source, draft, families = [] }: Context): void {
  const path = ["verification", "outside"];
  if (draft.verification?.outside === undefined) return;
  const missing = families.filter((family) => !source.has([...path, family]));
  if (missing.length === families.length && families.length > 0) {
    source.error(path, "outside-address", `give the outside host an address: ${families.join(", ")}`);
  } else if (missing.length > 0) {
    source.warning(
      path,
      "outside-family",
      `without an ${missing.join(", ")} address, that family is not tried from outside`,
    );
  }
}

/** kube-proxy: with ranges of one family only, the other family answers on every address of the host. */
export function nodePortFamilies({ source, draft, families = [] }: Context): void {
  const ranges = draft.kubeProxy?.nodePorts;
  if (ranges === undefined || typeof ranges === "string" || ranges.includes(undefined)) return;
  for (const family of families) {
    if (ranges.some((range) => range?.family === family)) continue;
    const message = `no ${family} range is listed, so ${family} node ports answer on every address of a host; add one`;
    source.warning(["kubeProxy", "nodePorts"], "node-ports-family", message);
  }
}
