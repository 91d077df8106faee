/**
 * A complete spec as text and back: what a stack keeps of the spec that it runs. Defaults are written out, because those of a later
 * version may be others.
 */
import { Address, Cidr, InterfaceAddress } from "./addresses";
import type { ClusterSpec } from "./types";

/** Classes of values, by the name under which they are kept. */
const KINDS = { address: Address, cidr: Cidr, interface: InterfaceAddress } as const;

/** JSON on one line, keys as they come; the private key's place on the operator's machine is left out. */
export function keepSpec(spec: ClusterSpec): string {
  return JSON.stringify(packed(shared(spec)));
}

/** What is the same for every operator. */
export function shared(spec: ClusterSpec): ClusterSpec {
  const { identityFile: _, ...ssh } = spec.ssh;
  return { ...spec, ssh };
}

/** Throws Error for a text that {@link keepSpec} of this version did not write. */
export function readKept(text: string): ClusterSpec {
  return JSON.parse(text, (_, value) => {
    const [kind] = typeof value === "object" && value !== null ? Object.keys(value) : [];
    return kind?.startsWith("$") ? KINDS[kind.slice(1) as keyof typeof KINDS].parse(value[kind]) : value;
  });
}

function packed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(packed);
  if (typeof value !== "object" || value === null) return value;
  const kind = Object.entries(KINDS).find(([, Class]) => value instanceof Class)?.[0];
  if (kind !== undefined) return { [`$${kind}`]: String(value) };
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, packed(one)]));
}
