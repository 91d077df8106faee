/** The key that an sshd shows, read before anybody proves who they are: no login is tried. */
import type { Duplex } from "node:stream";
import { Client } from "ssh2";
import { KEY_TYPES } from "../spec/host-key";
import type { Ssh } from "../spec/types";
import { addressOf, Connection, type Credentials, nameOf } from "./ssh";

/**
 * The key of an sshd in authorized_keys form: of the type of `ssh.hostKey` if it has one of that type, else its best.
 * A jump host on the way must show the key that is pinned for it. Throws Error that names the host and the remedy.
 */
export async function shownKey(ssh: Ssh, credentials: Credentials): Promise<string> {
  if (ssh.jump === undefined) return ask(ssh);
  const jump = await Connection.open(ssh.jump, credentials);
  try {
    return await ask(ssh, await jump.forward(ssh));
  } finally {
    jump.close();
  }
}

function ask(ssh: Ssh, sock?: Duplex): Promise<string> {
  const pinned = KEY_TYPES.filter((type) => ssh.hostKey.startsWith(`${type} `));
  const types = [...pinned, ...KEY_TYPES.filter((type) => !pinned.includes(type))];
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.on("error", ({ message }) => {
      const why = /no matching host key format/.test(message)
        ? "the host has only keys that cannot be pinned (RSA): make it others with 'ssh-keygen -A' and restart sshd"
        : `${message}. Is the host up, the address right, port ${ssh.port} open?`;
      reject(new Error(`${nameOf(ssh)}: ${why}`));
    });
    client.connect({
      ...addressOf(ssh, sock),
      algorithms: { serverHostKey: types as "ssh-ed25519"[] },
      hostVerifier: (key: Buffer) => {
        const type = key.subarray(4, 4 + key.readUInt32BE(0)).toString("latin1");
        resolve(`${type} ${key.toString("base64")}`);
        return false; // it is only looked at: nobody logs in
      },
    });
  });
}
