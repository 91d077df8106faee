/** Every host is known by its key before the first connection. */
import { hostTarget, outsideTarget, type SshTarget } from "../derive";
import { RSA_REASON } from "../host-key";
import { keyscan, type Lookup } from "../known-hosts";
import type { Path } from "../problems";
import type { DraftHostSsh } from "../schema";
import { type Context, hostPlaces } from "./context";

export function hostKeys(context: Context): void {
  for (const { path, value } of hostPlaces(context)) {
    checkKey(context, [...path, "ssh"], value.ssh, hostTarget(context.draft, value));
  }
  const outside = context.draft.verification?.outside;
  if (outside === undefined) return;
  checkKey(context, ["verification", "outside", "ssh"], outside.ssh, outsideTarget(context.draft, outside));
}

function checkKey(context: Context, path: Path, own: DraftHostSsh | undefined, { address, port }: SshTarget): void {
  const { source, knownHosts } = context;
  if (own === undefined || source.has([...path, "hostKey"]) || address === undefined || port === undefined) return;
  // An address that is not valid was reported; the host's own would be a guess.
  if (source.has([...path, "address"]) && own.address === undefined) return;
  const lookup = knownHosts?.find(address, port);
  if (lookup?.found === "key") return;
  const [code, what] = lookup === undefined ? ["host-key-missing", unread(context)] : explain(context, lookup);
  const how = `see the host's keys with: ${keyscan(address, port)}, compare them with the host's own, and write one as hostKey`;
  source.error([...path, "hostKey"], code, `${what}; ${how}${file(context)}`);
}

function unread({ draft }: Context): string {
  const file = draft.ssh?.knownHosts;
  return file === undefined ? "is missing" : `is missing, and the file ${file} (ssh.knownHosts) could not be read`;
}

function file({ draft }: Context): string {
  return ` here or as a line of ${draft.ssh?.knownHosts ?? "a file that ssh.knownHosts names"}`;
}

function explain({ draft }: Context, { found }: Lookup): [string, string] {
  const where = draft.ssh?.knownHosts ?? "known_hosts";
  switch (found) {
    case "rsa":
      return ["host-key-rsa", `${where} has only RSA keys of this host: ${RSA_REASON}`];
    case "several":
      return ["host-key-several", `${where} has two different keys of this host; keep the one that is valid`];
    case "broken":
      return ["host-key-form", `the host's key in ${where} is not whole`];
    case "revoked":
      return ["host-key-revoked", `the host's only key in ${where} is marked @revoked`];
    default:
      return ["host-key-missing", `is missing, and ${where} has no line for this host`];
  }
}
