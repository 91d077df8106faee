/** Whose key is to be trusted: every sshd that a spec leads to, what it shows, and the known_hosts lines for what is new. Pure. */
import { KnownHosts, lookupName } from "./known-hosts";
import type { ClusterSpec, Ssh, SshEnd } from "./types";

/** An sshd, under the names by which the spec knows it. */
export interface TrustEnd {
  readonly names: readonly string[];
  readonly ssh: Ssh;
}

/** Stands for a key that nobody has pinned yet, while a spec is loaded for its own trusting. */
export const NOT_PINNED = "not pinned yet";

/**
 * Every sshd of a spec once: those that are reached directly, and then those behind a jump host, since a jump host has to be
 * trusted before anything is asked through it.
 */
export function trustRounds({ hosts, verification: { outside } }: ClusterSpec): readonly (readonly TrustEnd[])[] {
  const named = [...hosts, ...(outside === undefined ? [] : [outside])].map(({ name, ssh }) => ({ name, ssh }));
  const jumps = named.flatMap(({ name, ssh }) =>
    ssh.jump === undefined ? [] : [{ name: `jump host of ${name}`, ssh: ssh.jump }],
  );
  const isShared = new Set(jumps.map(({ ssh }) => where(ssh))).size === 1;
  const direct = named.filter(({ ssh }) => ssh.jump === undefined);
  const behind = named.filter(({ ssh }) => ssh.jump !== undefined);
  const first = [...jumps.map(({ name, ssh }) => ({ name: isShared ? "jump host" : name, ssh })), ...direct];
  return [once(first), once(behind)].filter(({ length }) => length > 0);
}

function once(ends: readonly { readonly name: string; readonly ssh: Ssh }[]): TrustEnd[] {
  const found = new Map<string, { names: string[]; ssh: Ssh }>();
  for (const { name, ssh } of ends) {
    const known = found.get(where(ssh));
    if (known === undefined) found.set(where(ssh), { names: [name], ssh });
    else if (!known.names.includes(name)) known.names.push(name);
  }
  return [...found.values()];
}

function where({ address, port }: SshEnd): string {
  return lookupName(address, port);
}

/** What a shown key is: pinned as it is, not known yet, another than the pinned one (`old`), or one that the file forbids. */
export type Verdict =
  | { readonly is: "known" | "new" | "revoked" | "unclear" }
  | { readonly is: "changed"; readonly old: string };

/** Judges the key that an sshd showed, in authorized_keys form, against the key of the spec or of the known_hosts `text`. */
export function judgeKey({ ssh }: TrustEnd, shown: string, text: string): Verdict {
  const file = KnownHosts.parse(text);
  if (file.isRevoked(ssh.address, ssh.port, shown)) return { is: "revoked" };
  if (ssh.hostKey !== NOT_PINNED) return ssh.hostKey === shown ? { is: "known" } : { is: "changed", old: ssh.hostKey };
  const lookup = file.find(ssh.address, ssh.port);
  return { is: lookup.found === "several" || lookup.found === "broken" ? "unclear" : "new" };
}

/** A known_hosts text with one more line for each of `keys`; what was there stays byte for byte. */
export function withKeys(text: string, keys: readonly { readonly ssh: SshEnd; readonly hostKey: string }[]): string {
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return before + keys.map(({ ssh, hostKey }) => `${where(ssh)} ${hostKey}\n`).join("");
}
