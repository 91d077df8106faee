/**
 * Keys of a lab, in its folder: one client key, and a host key for every host, made before the host, so that the spec pins it
 * from the start.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Home, identityFile, knownHosts } from "./home";
import type { Machine } from "./machines";
import { needPrograms } from "./packages";
import { run } from "./run";

/** File of the private host key of the machine `host`. */
export function hostKeyFile({ folder }: Home, host: string): string {
  return join(folder, "host-keys", host);
}

/** Makes the keys that are missing and writes `known_hosts` for `machines`. */
export async function makeKeys(home: Home, machines: readonly Machine[]): Promise<void> {
  await needPrograms("ssh-keygen");
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  mkdirSync(join(home.folder, "host-keys"), { recursive: true, mode: 0o700 });
  await makeKey(identityFile(home), `dualstack-lab-${home.name}`);
  const lines: string[] = [];
  for (const { name, addresses } of machines) {
    const file = hostKeyFile(home, name);
    await makeKey(file, name);
    const [type, key] = readFileSync(`${file}.pub`, "utf8").split(" ");
    lines.push(`${[name, ...Object.values(addresses)].join(",")} ${type} ${key}\n`);
  }
  writeFileSync(knownHosts(home), lines.join(""));
}

async function makeKey(file: string, comment: string): Promise<void> {
  if (!existsSync(file)) await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
}
