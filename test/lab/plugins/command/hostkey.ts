/** Pinned host keys. */
import { createHash } from "node:crypto";

export interface HostKey {
  type: string;
  blob: Buffer;
}

/** A host that shows another key than the pinned one. Never retried: asking again does not make it the right host. */
export class HostKeyMismatch extends Error {}

/** Reads one authorized_keys line: a type, the key in base64, and perhaps a comment. */
export function parseHostKey(line: string): HostKey {
  const [type, base64] = line.trim().split(/\s+/);
  const blob = Buffer.from(base64 ?? "", "base64");
  if (type === undefined || blob.length < 8 || typeOf(blob) !== type) {
    throw new Error("failed to parse host key: want one authorized_keys line such as `ssh-ed25519 AAAA...`");
  }
  return { type, blob };
}

/** Key types to ask the host for: the pinned one first; another one is only asked for to be named in the error. */
export function algorithms(pinned: HostKey): string[] {
  const others = ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"];
  // The official plugin asks for SHA-1 signatures when an RSA key is pinned, which today's sshd refuses; so does this one.
  return pinned.type === "ssh-rsa" ? ["ssh-rsa"] : [pinned.type, ...others.filter((other) => other !== pinned.type)];
}

export function mismatch(address: string, pinned: HostKey, seen: Buffer): HostKeyMismatch {
  return new HostKeyMismatch(
    `host key mismatch for ${address}: expected ${pinned.type} ${fingerprint(pinned.blob)}, ` +
      `the host showed ${typeOf(seen)} ${fingerprint(seen)}. ` +
      "If the host was reinstalled, compare the new key on its console and put it into connection.hostKey; " +
      "if not, another machine answers at this address",
  );
}

const typeOf = (blob: Buffer): string => blob.subarray(4, 4 + blob.readUInt32BE(0)).toString("latin1");

const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
