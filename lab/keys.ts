/**
 * Keys of the lab, in the checkout's `.lab`: one client key, and a host key for every host, made before the host, so
 * that the spec pins it from the start.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { needPrograms } from "./packages";
import { LAB_FOLDER } from "./paths";
import { run } from "./run";

/** The client key that root on every lab host accepts. */
export const IDENTITY_FILE = join(LAB_FOLDER, "id_ed25519");

/** The host keys of all lab hosts in OpenSSH's form; the spec's `ssh.knownHosts`. */
export const KNOWN_HOSTS = join(LAB_FOLDER, "known_hosts");

/** File of the private host key of `host`. */
export function hostKeyFile(host: string): string {
  return join(LAB_FOLDER, "host-keys", host);
}

/** Makes the keys that are missing and writes `known_hosts` for the hosts of the spec `file`. */
export async function makeKeys(file: string): Promise<void> {
  await needPrograms("ssh-keygen");
  mkdirSync(join(LAB_FOLDER, "host-keys"), { recursive: true, mode: 0o700 });
  await makeKey(IDENTITY_FILE, "dualstack-lab");
  const lines: string[] = [];
  for (const { name, addresses } of namesInSpec(file)) {
    await makeKey(hostKeyFile(name), name);
    const [type, key] = readFileSync(`${hostKeyFile(name)}.pub`, "utf8").split(" ");
    lines.push(`${[name, ...addresses].join(",")} ${type} ${key}\n`);
  }
  writeFileSync(KNOWN_HOSTS, lines.join(""));
}

async function makeKey(file: string, comment: string): Promise<void> {
  if (!existsSync(file)) await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
}

interface Named {
  readonly name: string;
  readonly addresses: readonly string[];
}

/**
 * Names and addresses as they stand in the spec's text. The spec itself can be loaded only afterwards: without the keys
 * it is not valid, and it is then that its mistakes are reported.
 */
function namesInSpec(file: string): Named[] {
  const text = parse(readFileSync(file, "utf8")) as {
    hosts?: { name: string; interfaces?: Record<string, { address: string } | undefined>[] }[];
    verification?: { outside?: { name: string; ipv4?: string; ipv6?: string } };
  };
  const hosts = (text.hosts ?? []).map(({ name, interfaces = [] }) => ({
    name,
    addresses: interfaces.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6].flatMap((ip) => ip?.address.split("/")[0] ?? [])),
  }));
  const outside = text.verification?.outside;
  if (!outside) return hosts;
  return [
    ...hosts,
    { name: outside.name, addresses: [outside.ipv4, outside.ipv6].flatMap((address) => address ?? []) },
  ];
}
