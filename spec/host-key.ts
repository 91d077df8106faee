/** SSH host keys in authorized_keys form: `ssh-ed25519 AAAA...` (RFC 4253 section 6.6, RFC 5656, RFC 8709). */
import { createHash } from "node:crypto";
import { AddressError } from "./addresses";

/** The key types that can be pinned, best first. */
export const KEY_TYPES = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"] as const;

/** Why RSA is left out: the SSH client of Pulumi's command provider asks for a pinned key's type, and `ssh-rsa` means SHA-1. */
export const RSA_REASON =
  "an RSA key cannot be pinned: the SSH client would offer only SHA-1 signatures for it, which OpenSSH 8.8 and later refuse";

const RSA_WAY_OUT = "take the host's ed25519 or ecdsa key (ssh-keyscan -t ed25519,ecdsa)";

/**
 * `type base64` of a key as `ssh-keyscan`, a .pub file or known_hosts has it; a comment behind it is dropped.
 * Throws {@link AddressError} for a key that cannot be pinned.
 */
export function hostKeyOf(text: string): string {
  const [type = "", blob = ""] = text.trim().split(/[ \t]+/);
  if (type.includes("rsa")) throw new AddressError("host-key-rsa", `${RSA_REASON}; ${RSA_WAY_OUT}`);
  if (!(KEY_TYPES as readonly string[]).includes(type)) {
    throw new AddressError("host-key-type", `must begin with ${KEY_TYPES.join(" or ")}, then the key itself`);
  }
  if (!holdsKeyOf(type, blob)) {
    throw new AddressError(
      "host-key-form",
      "the key behind its type is not whole; copy the line that ssh-keyscan prints",
    );
  }
  return `${type} ${blob}`;
}

/** A key's blob begins with its own type (RFC 4251 `string`: four bytes of length, then the text) and holds more. */
function holdsKeyOf(type: string, blob: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(blob) || blob.length % 4 !== 0) return false;
  const bytes = Buffer.from(blob, "base64");
  if (bytes.length < 4 + type.length + 4 + 32) return false;
  return bytes.readUInt32BE(0) === type.length && bytes.toString("latin1", 4, 4 + type.length) === type;
}

/** `SHA256:...` as `ssh-keygen -l` prints it, of a key in authorized_keys form or of its bytes (RFC 4253 section 6.6). */
export function fingerprint(key: string | Buffer): string {
  const bytes = typeof key === "string" ? Buffer.from(key.split(" ")[1] ?? "", "base64") : key;
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replace(/=+$/, "")}`;
}
