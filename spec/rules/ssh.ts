/** Every host, and the jump host on the way, is known by its key before the first connection. */
import { hostTarget, jumpOf, outsideTarget, type SshTarget } from "../derive";
import { RSA_REASON } from "../host-key";
import type { Lookup } from "../known-hosts";
import type { Path } from "../problems";
import type { DraftHostSsh } from "../schema";
import { type Context, hostPlaces, type Placed } from "./context";

export function hostKeys(context: Context): void {
  const { draft } = context;
  for (const { path, value } of sshPlaces(context)) {
    const { own, target } = value;
    if (own === undefined) continue;
    // An address that is not valid was reported; the host's own would be a guess.
    const isGuess = context.source.has([...path, "address"]) && own.address === undefined;
    if (!isGuess) checkKey(context, path, target);
    const jump = jumpOf(draft, own);
    if (jump?.isOwn) checkKey(context, [...path, "jump"], jump.target);
  }
  const jump = jumpOf(draft, undefined);
  if (jump !== undefined) checkKey(context, ["ssh", "jump"], jump.target);
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

function checkKey(context: Context, path: Path, { address, port }: SshTarget): void {
  const { source, knownHosts } = context;
  if (source.has([...path, "hostKey"]) || address === undefined || port === undefined) return;
  const lookup = knownHosts?.find(address, port);
  if (lookup?.found === "key") return;
  const [code, what] = lookup === undefined ? ["host-key-missing", unread(context)] : explain(context, lookup);
  source.error([...path, "hostKey"], code, `${what}; ${how(context)}`);
}

function how({ draft, source }: Context): string {
  const trust = `'dualstack trust ${source.file}' shows the keys of all hosts for review and writes them`;
  if (draft.ssh?.knownHosts === undefined)
    return `name a file as ssh.knownHosts, and ${trust} there; or write the key here`;
  return `${trust} into ${draft.ssh.knownHosts}`;
}

function unread({ draft }: Context): string {
  const file = draft.ssh?.knownHosts;
  return file === undefined
    ? "is missing"
    : `is missing, and the file ${file} (ssh.knownHosts) is not there or cannot be read`;
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
