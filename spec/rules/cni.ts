/** Rules about the network add-on: what each one has, and what it needs of the hosts. */
import { ADD_ONS } from "../add-ons";
import { masqueraded, overhead } from "../cni";
import { podRanges } from "../derive";
import { FAMILIES, type Family, ipFamily } from "../families";
import type { DraftHost, DraftInterface } from "../schema";
import { type Context, hostPlaces, interfacePlaces, type Placed } from "./context";

type Families = readonly Family[];

/** Manifests differ from release to release, so an unknown one cannot be guessed. */
export function cniRelease({ source, draft }: Context): void {
  const { kind, version } = draft.cni ?? {};
  if (kind === undefined || version === undefined || ADD_ONS[kind].versions.includes(version)) return;
  const { title, versions } = ADD_ONS[kind];
  const message = `dualstack knows ${title} ${versions.join(" and ")}; choose ${versions.length > 1 ? "one of these" : "it"}`;
  source.error(["cni", "version"], "cni-version", message);
}

/** Every add-on has ways of packets and fields of its own. */
export function cniOptions({ source, draft }: Context): void {
  const { kind, backend } = draft.cni ?? {};
  if (kind === undefined) return;
  const { title, backends, options } = ADD_ONS[kind];
  if (backend !== undefined && !backends.includes(backend)) {
    const message = `${title} carries packets by ${backends.join(", ")}; choose one of these`;
    source.error(["cni", "backend"], "cni-backend", message);
  }
  for (const option of ["install", "blockSize", "etcd", "ipam"] as const) {
    if (options.includes(option) || !source.has(["cni", option])) continue;
    const owner = Object.values(ADD_ONS).find((one) => one.options.includes(option))!;
    source.error(["cni", option], "cni-option", `is a field of ${owner.title}; take it away, or take ${owner.title}`);
  }
}

/** Families that the cluster has; flannel's one switch (--ip-masq) is for both. */
export function masquerading({ source, draft, families = [] }: Context): void {
  const written = draft.cni?.masquerade;
  if (written === undefined) return;
  const path = ["cni", "masquerade"];
  const strange = written.find((family) => family !== undefined && !families.includes(family));
  if (strange !== undefined) {
    source.error(
      path,
      "masquerade-family",
      `the cluster has no ${ipFamily(strange)}; list families of network.families`,
    );
    return;
  }
  if (draft.ipMasq?.enabled && written.length > 0) {
    source.error(
      path,
      "masquerade-twice",
      "ip-masq-agent decides alone what is masqueraded; take this away, or ipMasq",
    );
    return;
  }
  const count = masqueraded(draft, families).length;
  if (draft.cni?.kind === "flannel" && count > 0 && count < families.length) {
    const message =
      "flannel leaves no family out (--ip-masq is for both); list both families or none, or take Calico or Cilium";
    source.error(path, "masquerade-flannel", message);
  }
}

/** IPv6 needs links of 1280 bytes (RFC 8200), also inside of a tunnel. */
export function packetSizes(context: Context): void {
  const { source, draft, families = [] } = context;
  const { mtu, backend, kind } = draft.cni ?? {};
  if (kind === undefined || backend === undefined || families.length === 0) return;
  const taken = overhead(backend, families);
  const least = families.includes("ipv6") ? SMALLEST_IPV6 : SMALLEST_IPV4;
  const small = (path: readonly (string | number)[], size: number) => {
    if (size - taken >= least) return;
    const message = `${backend} takes ${taken} bytes of each packet, and pods need ${least}; use ${least + taken} or more, or a backend without a tunnel`;
    source.error(path, "cni-mtu-small", message);
  };
  if (mtu !== undefined) small(["cni", "mtu"], mtu);
  for (const host of hostPlaces(context)) {
    for (const { path, value } of ofTheNode(host, families)) {
      // what is too small without a tunnel is told by the rule about interfaces
      if (value.mtu === undefined || value.mtu < least) continue;
      if (mtu === undefined) small([...path, "mtu"], value.mtu);
      else if (mtu > value.mtu) {
        source.error([...path, "mtu"], "cni-mtu", `carries less than cni.mtu, ${mtu}; make that ${value.mtu} or less`);
      }
    }
  }
}

const SMALLEST_IPV6 = 1280;
/** Every IPv4 host takes 576 bytes (RFC 791). */
const SMALLEST_IPV4 = 576;

/**
 * flannel finds its interface by name, the same list on every host (addons/flannel.ts): a name that stands for something else on
 * another host would be taken there.
 */
export function flannelInterfaces(context: Context): void {
  const { source, draft, families = [] } = context;
  if (draft.cni?.kind !== "flannel" || families.length === 0) return;
  const used = new Set<string>();
  for (const host of hostPlaces(context)) {
    for (const { value } of ofTheNode(host, families)) if (value.name !== undefined) used.add(value.name);
  }
  for (const host of hostPlaces(context)) {
    const own = ofTheNode(host, families).map(({ value }) => value.name);
    const wrong = interfacePlaces(host).find(({ value: { name = "" } }) => used.has(name) && !own.includes(name));
    if (own.length === 0 || wrong === undefined) continue;
    const message = `flannel looks for interfaces by name, and on other hosts ${wrong.value.name} is the one of the node; name them alike, or take Calico or Cilium`;
    source.error([...wrong.path, "name"], "flannel-interface-names", message);
  }
}

/** The interfaces of a host's node addresses, each once. */
function ofTheNode(host: Placed<DraftHost>, families: Families): Placed<DraftInterface>[] {
  const all = interfacePlaces(host);
  const found = families.flatMap((family) => all.find(({ value }) => value[family]?.address !== undefined) ?? []);
  return [...new Set(found)];
}

/** A pool has a block for every node. */
export function calicoBlocks({ source, draft, families = [] }: Context): void {
  if (draft.cni?.kind !== "calico") return;
  const ranges = podRanges(draft);
  for (const family of FAMILIES.filter((one) => families.includes(one))) {
    const [range, size] = [ranges[family], draft.cni.blockSize?.[family]];
    if (range === undefined || size === undefined) continue;
    const hosts = draft.hosts?.length ?? 0;
    if (size >= range.prefix && range.subnets(size) >= BigInt(hosts)) continue;
    const message = `${range} has no block of this size for each of the nodes (${hosts}); make the blocks smaller or the range larger`;
    source.error(["cni", "blockSize", family], "calico-blocks", message);
  }
}

/** Calico's own etcd: the manifest's alone, and with https all three files. */
export function calicoEtcd({ source, draft }: Context): void {
  const etcd = draft.cni?.etcd;
  if (draft.cni?.kind !== "calico" || etcd === undefined) return;
  if (draft.cni.install === "operator") {
    const message =
      "the operator keeps Calico's data in the Kubernetes API; take cni.etcd away, or use install: manifest";
    source.error(["cni", "etcd"], "etcd-operator", message);
  }
  const endpoints = (etcd.endpoints ?? []).filter((one) => one !== undefined);
  const secure = endpoints.filter((one) => one.startsWith("https://")).length;
  const files = [etcd.ca, etcd.cert, etcd.key].filter((file) => file !== undefined).length;
  const path = ["cni", "etcd"];
  if (secure > 0 && secure < endpoints.length)
    source.error([...path, "endpoints"], "etcd-mixed", "are partly https and partly http; use https for all");
  else if (secure > 0 && files < 3) source.error(path, "etcd-files", "https needs all of ca, cert and key");
  else if (secure === 0 && files > 0)
    source.error(path, "etcd-files", "ca, cert and key are for https; write the endpoints so");
  else if (secure === 0 && endpoints.length > 0)
    source.warning(
      path,
      "etcd-plain",
      "without https anybody who reaches this etcd can change the network of the cluster",
    );
}

/** BGP hands routes to hosts on one link; between links somebody else has to. */
export function bgpLinks(context: Context): void {
  const { source, draft, families = [] } = context;
  if (draft.cni?.backend !== "bgp") return;
  const first = new Map(families.map((family) => [family, undefined as string | undefined]));
  for (const host of hostPlaces(context)) {
    const all = interfacePlaces(host);
    for (const family of families) {
      const found = all.find(({ value }) => value[family]?.address !== undefined);
      const link = found?.value[family]?.address?.network.toString();
      if (link === undefined || first.get(family) === link) continue;
      if (first.get(family) === undefined) first.set(family, link);
      else {
        const message = `is not on ${first.get(family)}, the link of the first host: the routers between have to learn the routes of pods by BGP too; else use vxlan-cross-subnet`;
        source.warning([...found!.path, family, "address"], "bgp-links", message);
        return;
      }
    }
  }
}
