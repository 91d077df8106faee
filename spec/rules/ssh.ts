/** Every host, and the jump host on the way, is known by its key before the first connection. */
import { hostTarget, jumpOf, outsideTarget, type SshTarget } from "../derive";
import { RSA_REASON } from "../host-key";
import type { Lookup } from "../known-hosts";
import type { Path } from "../problems";
import type { DraftHostSsh } from "../schema";
import { type Context, hostPlaces, type Placed } from "./context";

export function hostKeys(context: Context): void {
  const { draft, source, knownHosts } = context;
  const unpinned = keyPlaces(context).filter(({ path, value }) => {
    return value.address !== undefined && value.port !== undefined && !source.has([...path, "hostKey"]);
  });
  if (unpinned.length === 0) return;
  if (knownHosts !== undefined) {
    for (const { path, value } of unpinned) checkKey(context, path, knownHosts.find(value.address!, value.port!));
    return;
  }
  // said once, not of each of a thousand hosts
  const what = draft.ssh?.knownHosts === undefined ? "is missing" : "is not there or cannot be read";
  const whose =
    unpinned.length === 1 ? "the key of one host is not pinned" : `the keys of ${unpinned.length} hosts are not pinned`;
  source.error(["ssh", "knownHosts"], "host-key-missing", `${what}, and ${whose}; ${how(context)}`);
}

/** Whatever is connected to, and where its key may be written; jump hosts too. */
function keyPlaces(context: Context): Placed<SshTarget>[] {
  const { draft, source } = context;
  const places = sshPlaces(context).flatMap(({ path, value: { own, target } }) => {
    if (own === undefined) return [];
    // An address that is not valid was reported; the host's own would be a guess.
    const isGuess = source.has([...path, "address"]) && own.address === undefined;
    const jump = jumpOf(draft, own);
    return [
      ...(isGuess ? [] : [{ path, value: target }]),
      ...(jump?.isOwn ? [{ path: [...path, "jump"], value: jump.target }] : []),
    ];
  });
  const jump = jumpOf(draft, undefined);
  return jump === undefined ? places : [...places, { path: ["ssh", "jump"], value: jump.target }];
}

/** A host that all others are reached through is itself reached directly. */
export function jumpElsewhere(context: Context): void {
  for (const { path, value } of sshPlaces(context)) {
    const jump = jumpOf(context.draft, value.own);
    if (jump === undefined || value.target.address === undefined) continue;
    if (jump.target.address !== value.target.address || jump.target.port !== value.target.port) continue;
    const message = "this host is the jump host itself; reach it directly with ssh: {jump: none}";
    context.source.error([...path, "jump"], "jump-self", message);
  }
}

interface Reached {
  readonly own: DraftHostSsh | undefined;
  readonly target: SshTarget;
}

/** Every `ssh` of a host, the one outside too, and where it leads. */
function sshPlaces(context: Context): Placed<Reached>[] {
  const { draft } = context;
  const hosts = hostPlaces(context).map(({ path, value }) => ({
    path: [...path, "ssh"],
    value: { own: value.ssh, target: hostTarget(draft, value) },
  }));
  const outside = draft.verification?.outside;
  if (outside === undefined) return hosts;
  const value = { own: outside.ssh, target: outsideTarget(draft, outside) };
  return [...hosts, { path: ["verification", "outside", "ssh"], value }];
}

function checkKey(context: Context, path: Path, lookup: Lookup): void {
  if (lookup.found === "key") return;
  const [code, what] = explain(context, lookup);
  context.source.error([...path, "hostKey"], code, `${what}; ${how(context)}`);
}

function how({ draft, source }: Context): string {
  const trust = `'dualstack trust ${source.file}' shows the keys of all hosts for review and writes them`;
  const file = draft.ssh?.knownHosts;
  return file === undefined
    ? `name a file as ssh.knownHosts, and ${trust} there; or write each key as the hostKey of its host`
    : `${trust} into ${file}`;
}

function explain({ draft }: Context, { found }: Lookup): [string, string] {
  const where = draft.ssh?.knownHosts ?? "known_hosts";
  switch (found) {
    case "rsa":
      return ["host-key-rsa", `${where} has only RSA keys of this host: ${RSA_REASON}`];
    case "several":
      return ["host-key-several", `${where} has two different keys of this host; keep the line that is valid`];
    case "broken":
      return ["host-key-form", `the host's key in ${where} is not whole`];
    case "revoked":
      return ["host-key-revoked", `the host's only key in ${where} is marked @revoked`];
    default:
      return ["host-key-missing", `is missing, and ${where} has no line for this host`];
  }
}
