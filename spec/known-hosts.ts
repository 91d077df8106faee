/**
 * OpenSSH known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): which key is pinned for a host.
 * Lines with patterns (`*`, `?`, `!`) and `@cert-authority` name no single host's key and are not used.
 */
import { createHmac } from "node:crypto";
import { Address } from "./addresses";
import { hostKeyOf, KEY_TYPES } from "./host-key";

interface Line {
  readonly names: readonly string[];
  readonly type: string;
  /** `type base64` */
  readonly key: string;
  readonly revoked: boolean;
}

/** What a known_hosts file says about one host. */
export type Lookup =
  | { readonly found: "key"; readonly hostKey: string }
  /** rsa: only keys that cannot be pinned. several: two different keys of the best type. broken: the best key is cut off. */
  | { readonly found: "nothing" | "rsa" | "several" | "broken" | "revoked" };

export class KnownHosts {
  private constructor(
    /** Lines by each of their plain names, canonical. */
    private readonly named: ReadonlyMap<string, readonly Line[]>,
    /** Lines that have a hashed name, which has to be tried. */
    private readonly hashed: readonly Line[],
    private readonly placeholder: string | undefined,
  ) {}

  /**
   * Lines that are no entries are passed over, as OpenSSH does. A `placeholder` stands for every key that is not found: for work
   * that makes no connection.
   */
  static parse(text: string, placeholder?: string): KnownHosts {
    const named = new Map<string, Line[]>();
    const hashed: Line[] = [];
    for (const line of text.split(/\r?\n/).flatMap(parseLine)) {
      for (const name of new Set(line.names.map(canonical))) {
        if (HASHED.test(name)) hashed.push(line);
        else named.set(name, [...(named.get(name) ?? []), line]);
      }
    }
    return new KnownHosts(named, hashed, placeholder);
  }

  /** Hashed names cost a hash each, so every host is looked up once. */
  private readonly looked = new Map<string, Lookup>();

  /** The key to pin for `address` (a name or an address in canonical form): ed25519 first, then ecdsa. Revoked keys are no keys. */
  find(address: string, port: number): Lookup {
    const wanted = lookupName(address, port);
    const found = this.looked.get(wanted) ?? this.orPlaceholder(this.lookUp(wanted));
    this.looked.set(wanted, found);
    return found;
  }

  /** Whether a line marks this very key of the host as @revoked. */
  isRevoked(address: string, port: number, hostKey: string): boolean {
    return this.linesOf(lookupName(address, port)).some(({ key, revoked }) => revoked && key === hostKey);
  }

  private orPlaceholder(lookup: Lookup): Lookup {
    if (lookup.found === "key" || this.placeholder === undefined) return lookup;
    return { found: "key", hostKey: this.placeholder };
  }

  private lookUp(wanted: string): Lookup {
    const lines = this.linesOf(wanted);
    if (lines.length === 0) return { found: "nothing" };
    const revoked = new Set(lines.filter((line) => line.revoked).map(({ key }) => key));
    const good = lines.filter(({ key }) => !revoked.has(key));
    const best = KEY_TYPES.map((type) => good.filter((line) => line.type === type)).find(({ length }) => length > 0);
    if (best === undefined) return { found: revoked.size > 0 ? "revoked" : "rsa" };
    return pick(new Set(best.map(({ key }) => key)));
  }

  private linesOf(wanted: string): Line[] {
    const hashed = this.hashed.filter(({ names }) => names.some((name) => isHashOf(name, wanted)));
    return [...(this.named.get(wanted) ?? []), ...hashed];
  }
}

function pick(keys: ReadonlySet<string>): Lookup {
  const [key = ""] = keys;
  if (keys.size > 1) return { found: "several" };
  try {
    return { found: "key", hostKey: hostKeyOf(key) };
  } catch {
    return { found: "broken" };
  }
}

function parseLine(line: string): Line[] {
  const fields = line.trim().split(/[ \t]+/);
  const marker = fields[0]?.startsWith("@") ? fields.shift() : undefined;
  const [names, type, blob] = fields;
  if (names === undefined || type === undefined || blob === undefined) return [];
  if (names.startsWith("#") || (marker !== undefined && marker !== "@revoked")) return [];
  const exact = names.split(",").filter((name) => !/[*?!]/.test(name));
  return [{ names: exact, type, key: `${type} ${blob}`, revoked: marker === "@revoked" }];
}

/** The name under which OpenSSH files a host: bare on port 22, else `[host]:port`. */
export function lookupName(address: string, port: number): string {
  return port === 22 ? address : `[${address}]:${port}`;
}

const HASHED = /^\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)$/;

function isHashOf(name: string, wanted: string): boolean {
  const [, salt, hash] = HASHED.exec(name) ?? [];
  if (salt === undefined) return false;
  return createHmac("sha1", Buffer.from(salt, "base64")).update(wanted).digest("base64") === hash;
}

/** A hashed name as it is, else lower case; addresses in canonical form, so that `FD00::0:1` is found as `fd00::1`. */
function canonical(name: string): string {
  if (HASHED.test(name)) return name;
  const [, host = name, port] = /^\[(.*)\](?::(\d+))?$/.exec(name) ?? [];
  const text = canonicalHost(host);
  return port === undefined || port === "22" ? text : `[${text}]:${port}`;
}

function canonicalHost(host: string): string {
  try {
    return Address.parse(host).toString();
  } catch {
    return host.toLowerCase();
  }
}
