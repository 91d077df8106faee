/** Host keys that look right and belong to nobody. */

/** A key of `type`; another `seed` makes another key. */
export function fakeKey(seed: number, type = "ssh-ed25519"): string {
  const length = (n: number) => Buffer.from([0, 0, 0, n]);
  const blob = Buffer.concat([length(type.length), Buffer.from(type), length(32), Buffer.alloc(32, seed)]);
  return `${type} ${blob.toString("base64")}`;
}

/** A known_hosts text with an ed25519 key for each of `names`. */
export function knownHostsFor(...names: string[]): string {
  return names.map((name, i) => `${name} ${fakeKey(i + 1)}\n`).join("");
}
