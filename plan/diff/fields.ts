/** The fields of two specs that differ, under the names that people write in the file. */
import type { ClusterSpec, Host } from "../../spec/types";

/** A changed field; without `from` it came, without `to` it went. */
export interface FieldChange {
  /** `network.pods.ipv4`; of several hosts with the same change `hosts[].interfaces[eth0].mtu`. */
  readonly path: string;
  readonly from?: string;
  readonly to?: string;
  /** The hosts, when the field is one of hosts; in the order of the specs. */
  readonly hosts?: readonly string[];
}

export function changedFields(old: ClusterSpec | undefined, wanted: ClusterSpec): FieldChange[] {
  const { hosts: before = [], ...oldRest } = old ?? {};
  const { hosts: after, ...rest } = wanted;
  const hostsBefore = new Map(before.map((host) => [host.name, host]));
  const names = [...new Set([...before, ...after].map(({ name }) => name))];
  const hostsAfter = new Map(after.map((host) => [host.name, host]));
  const ofHosts = names.flatMap((name) => {
    const [from, to] = [hostsBefore.get(name), hostsAfter.get(name)];
    if (from === undefined) return [{ path: "hosts[]", to: to!.role, hosts: [name] }];
    if (to === undefined) return [{ path: "hosts[]", from: from.role, hosts: [name] }];
    return differences(leaves(from), leaves(to)).map((change) => ({
      ...change,
      path: writtenPath(`hosts[].${change.path}`),
      hosts: [name],
    }));
  });
  const ofCluster = differences(leaves(oldRest), leaves(rest)).map((one) => ({ ...one, path: writtenPath(one.path) }));
  return [...(old === undefined ? [] : [...ofCluster, ...order(before, after)]), ...joined(ofHosts)];
}

/** Hosts that changed places, told by the first place that has another host; comings and goings apart. */
function order(before: readonly Host[], after: readonly Host[]): FieldChange[] {
  const stay = (hosts: readonly Host[], others: readonly Host[]) => {
    const names = new Set(others.map(({ name }) => name));
    return hosts.map(({ name }) => name).filter((name) => names.has(name));
  };
  const [from, to] = [stay(before, after), stay(after, before)];
  const place = from.findIndex((name, i) => name !== to[i]);
  return place < 0 ? [] : [{ path: "hosts (order)", from: from[place]!, to: to[place]! }];
}

/** The same change on several hosts is one. */
function joined(changes: readonly (FieldChange & { readonly hosts: readonly string[] })[]): FieldChange[] {
  const groups = new Map<string, FieldChange & { hosts: string[] }>();
  for (const change of changes) {
    const key = JSON.stringify([change.path, change.from, change.to]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ...change, hosts: [...change.hosts] });
    else group.hosts.push(...change.hosts);
  }
  return [...groups.values()];
}

function differences(from: ReadonlyMap<string, string>, to: ReadonlyMap<string, string>): FieldChange[] {
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((path) => {
    const [before, after] = [from.get(path), to.get(path)];
    if (before === after) return [];
    return [{ path, ...(before === undefined ? {} : { from: before }), ...(after === undefined ? {} : { to: after }) }];
  });
}

/** What follows from other fields, or is told apart already. */
const DERIVED =
  /^(hosts\[\]\.)?addresses(\.|$)|^endpoint\.address$|^interfaces\[.*\]\.ipv6$|^ingress\[.*\]\.isDefault$/;

/** Path to text, in the order of the typed spec. */
function leaves(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  if (value === undefined || DERIVED.test(path)) return found;
  if (Array.isArray(value) && value.length > 0 && value.every(isNamed)) {
    for (const one of value) leaves(one, `${path}[${nameIn(one)}]`, found);
  } else if (Array.isArray(value)) found.set(path, `[${value.map(itemText).join(", ")}]`);
  else if (isPlain(value)) {
    for (const [key, one] of Object.entries(value)) {
      if (!path.endsWith("]") || one !== nameIn(value)) leaves(one, path === "" ? key : `${path}.${key}`, found);
    }
  } else found.set(path, String(value));
  return found;
}

/** An item of a list as the file would have it on one line. */
function itemText(item: unknown): string {
  if (!isPlain(item)) return String(item);
  const fields = Object.entries(item).filter(([, value]) => value !== undefined);
  return `{${fields.map(([key, value]) => `${key}: ${value}`).join(", ")}}`;
}

/** An object literal; addresses and ranges are of classes, and have a text. */
function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function isNamed(value: unknown): value is { readonly [key: string]: unknown } {
  return isPlain(value) && nameIn(value) !== undefined;
}

/** What tells an item of a list from the others. */
function nameIn({ name, kind }: { readonly [key: string]: unknown }): unknown {
  return name ?? kind;
}

/** Where the typed spec has another shape than the file. */
const WRITTEN: readonly (readonly [typed: RegExp, written: string])[] = [
  [/^endpoint\.host$/, "network.endpoint (host)"],
  [/^endpoint\.port$/, "network.endpoint (port)"],
  [/^endpoint\.virtual\./, "network.endpoint."],
  [/\.(ipv[46])\.cidr$/, ".$1"],
  [/\.pods\.(ipv[46])\.nodeMask$/, ".pods.nodeMask.$1"],
  [/(\.interfaces\[.*\])\.ip\./, "$1."],
  [/(\.interfaces\[.*\])\.(advertisements|privacy|addressGeneration)$/, "$1.ipv6.$2"],
  [/^kubernetes\.install\.(from|path)$/, "kubernetes.install ($1)"],
  [/^(ingress\[.*\])\.exposure\.how$/, "$1.expose"],
  [/^(ingress\[.*\])\.exposure\.(https?)$/, "$1.nodePorts.$2"],
  [/^(ingress\[.*\])\.exposure\./, "$1."],
  [/^loadBalancer\.announce\.by$/, "loadBalancer.mode"],
  [/^loadBalancer\.announce\./, "loadBalancer.bgp."],
  [/^(loadBalancer\.pools\[.*\])\.addresses\./, "$1."],
  [/^verification\.outside\.addresses\./, "verification.outside."],
];

function writtenPath(path: string): string {
  return WRITTEN.reduce((text, [typed, written]) => text.replace(typed, written), path);
}
