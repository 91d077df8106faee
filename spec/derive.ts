/** The values of a spec that follow from other values. Rules and the finished spec take them from here. */
import type { Address, Cidr } from "./addresses";
import { API_PORT, KIND_RANGES, NODE_LOCAL_IPV4, NODE_MASKS, POD_RANGES, SERVICE_RANGES } from "./defaults";
import { FAMILIES, type Family, inOrder, type PerFamily, perFamily } from "./families";
import { nameOf } from "./node-name";
import { controlPlaneSuffix } from "./nodes";
import type { Draft, DraftHost, DraftHostSsh, DraftInterface, DraftOutside } from "./schema";
import type { Backend, Endpoint, KubeProxy, Runtime } from "./types";
import { releaseOf, SINCE } from "./versions";

/** The cluster's families, primary first; undefined while they are not valid. */
export function familiesOf(draft: Draft): readonly Family[] | undefined {
  const families = draft.network?.families;
  const known = families?.filter((family) => family !== undefined);
  return known === undefined || known.length !== families?.length || new Set(known).size !== known.length
    ? undefined
    : known;
}

/** `values` without the families that have none. */
export function defined<T>(values: { readonly [F in Family]?: T | undefined }): PerFamily<T> {
  return Object.fromEntries(
    FAMILIES.flatMap((family) => (values[family] === undefined ? [] : [[family, values[family]]])),
  );
}

/** The pod ranges: those that are written, or for want of any the defaults. */
export function podRanges(draft: Draft): PerFamily<Cidr> {
  return withDefaults(draft.network?.pods, POD_RANGES, draft);
}

/** The service ranges: those that are written, or for want of any the defaults. */
export function serviceRanges(draft: Draft): PerFamily<Cidr> {
  return withDefaults(draft.network?.services, SERVICE_RANGES, draft);
}

function withDefaults(
  written: { readonly [F in Family]: Cidr | undefined } | undefined,
  defaults: PerFamily<Cidr>,
  draft: Draft,
): PerFamily<Cidr> {
  if (written?.ipv4 !== undefined || written?.ipv6 !== undefined) return defined(written);
  const families = familiesOf(draft) ?? [];
  return defined({
    ipv4: families.includes("ipv4") ? defaults.ipv4 : undefined,
    ipv6: families.includes("ipv6") ? defaults.ipv6 : undefined,
  });
}

/** The ranges of Docker's network for a cluster in kind, of the families of the cluster: what is written, else the defaults. */
export function kindRanges(draft: Draft): PerFamily<Cidr> {
  if (draft.kind === undefined) return {};
  const families = familiesOf(draft) ?? [];
  return perFamily(families, (family) => (draft.kind?.network?.[family] ?? KIND_RANGES[family])!);
}

export function nodeMask(draft: Draft, family: Family): number {
  return draft.network?.pods?.nodeMask?.[family] ?? NODE_MASKS[family];
}

/** The first address of each family on the interfaces. */
export function nodeAddresses(interfaces: readonly (DraftInterface | undefined)[] | undefined): PerFamily<Address> {
  const first = (family: Family) =>
    interfaces?.map((one) => one?.[family]?.address?.address).find((address) => address !== undefined);
  return defined({ ipv4: first("ipv4"), ipv6: first("ipv6") });
}

/** Who writes the host's interfaces; undefined while that is not valid. */
export function backendOf(draft: Draft, host: DraftHost): Backend | undefined {
  return host.backend ?? draft.network?.backend;
}

/** The name that is written, or the one that is made of the address; undefined while there is none. */
export function hostName({ name, interfaces }: DraftHost): string | undefined {
  if (typeof name !== "object") return name;
  const address = name.from && nodeAddresses(interfaces)[name.from];
  return address && nameOf(address);
}

/** The mode that is written, else the newest that is stable in the release. */
export function proxyMode(draft: Draft): KubeProxy["mode"] {
  const minor = releaseOf(draft.kubernetes?.version ?? "")?.minor ?? SINCE.nftablesStable;
  return draft.kubeProxy?.mode ?? (minor < SINCE.nftablesStable ? "iptables" : "nftables");
}

/** Where NodeLocal DNSCache listens: in each family of the cluster; nothing while there is none. */
export function nodeLocalAddresses(draft: Draft): PerFamily<Address> {
  const { enabled, ipv4, ipv6 } = draft.nodeLocalDns ?? {};
  if (enabled !== true) return {};
  const families = familiesOf(draft) ?? [];
  const services = serviceRanges(draft).ipv6;
  const all = { ipv4: ipv4 ?? NODE_LOCAL_IPV4, ipv6: ipv6 ?? services?.last.plus(10n) };
  return defined(perFamily<Address | undefined>(families, (family) => all[family]));
}

/** containerd 1.7 reads and is read by all that is older than containerd's own table. */
const OLD_CONTAINERD = "1.7";

export function runtimeOf(draft: Draft): Runtime {
  const { kind, version } = draft.kubernetes?.runtime ?? {};
  if (kind === "docker") return { kind };
  const [newest = OLD_CONTAINERD] = releaseOf(draft.kubernetes?.version ?? "")?.containerd ?? [];
  return { kind: "containerd", version: version ?? newest };
}

/** Host, port and user of an SSH connection; undefined where the spec does not say (and a rule reports it). */
export interface SshTarget {
  readonly address: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
}

/** The jump host of a host: its own, else that of the spec, unless it says none; with the place where it is written. */
export function jumpOf(draft: Draft, own: DraftHostSsh | undefined): Jump | undefined {
  if (own?.jump === "none") return undefined;
  const written = own?.jump ?? draft.ssh?.jump;
  if (written === undefined) return undefined;
  const { address, port, user = draft.ssh?.user } = written;
  return { isOwn: own?.jump !== undefined, target: { address, port, user }, hostKey: written.hostKey };
}

export interface Jump {
  /** Written at the host, not at the spec's ssh. */
  readonly isOwn: boolean;
  readonly target: SshTarget;
  readonly hostKey: string | undefined;
}

/** How a host with these `addresses` is reached: its own ssh, else that of the spec, else its first address of the primary family. */
export function sshTarget(draft: Draft, own: DraftHostSsh | undefined, addresses: PerFamily<Address>): SshTarget {
  const [first] = inOrder(familiesOf(draft) ?? FAMILIES, addresses);
  return {
    address: own?.address ?? first?.toString(),
    port: own?.port ?? draft.ssh?.port,
    user: own?.user ?? draft.ssh?.user,
  };
}

export function hostTarget(draft: Draft, host: DraftHost): SshTarget {
  return sshTarget(draft, host.ssh, nodeAddresses(host.interfaces));
}

export function outsideTarget(draft: Draft, outside: DraftOutside): SshTarget {
  return sshTarget(draft, outside.ssh, defined(outside));
}

/** The endpoint that is written as a name or an address. */
export function namedEndpoint(draft: Draft): Endpoint | undefined {
  const written = draft.network?.endpoint;
  return written !== undefined && "host" in written ? written : undefined;
}

/** The virtual addresses that are written as the endpoint; undefined: it is something else. */
export function virtualEndpoint(draft: Draft): PerFamily<Address> | undefined {
  const written = draft.network?.endpoint;
  return written === undefined || "host" in written ? undefined : defined(written);
}

/** The endpoint that is written, else the first control plane's primary address; in kind its name, which Docker's DNS knows. */
export function endpointOf(draft: Draft): Endpoint | undefined {
  if (draft.kind !== undefined) return { host: `${draft.name}-${controlPlaneSuffix}`, port: API_PORT };
  const written = draft.network?.endpoint;
  if (written !== undefined) return "host" in written ? written : pairedEndpoint(draft, written.port);
  const first = draft.hosts?.find((host) => host?.role === "control-plane");
  const [address] = inOrder(familiesOf(draft) ?? [], nodeAddresses(first?.interfaces));
  return address && { host: address.toString(), address, port: API_PORT };
}

function pairedEndpoint(draft: Draft, port: number | undefined): Endpoint | undefined {
  const virtual = virtualEndpoint(draft) ?? {};
  const [address] = inOrder(familiesOf(draft) ?? [], virtual);
  if (address === undefined || port === undefined) return undefined;
  return { host: address.toString(), address, port, virtual };
}
