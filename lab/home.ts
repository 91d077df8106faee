/** What tells one lab from another: everything that a lab makes bears the name of its spec, and its files are in a folder of its own. */
import { createHash } from "node:crypto";
import { dirname, join, relative, resolve } from "node:path";
import { type ClusterSpec, parseSpec, readSpecText } from "../spec";
import { LABS_FOLDER } from "./paths";

/** One lab of this checkout. */
export interface Home {
  /** The spec's name; Pulumi's stack has the same one. */
  readonly name: string;
  /** Keys, known hosts, Pulumi's configuration and state: `.lab/<name>`. `lab down` removes it. */
  readonly folder: string;
}

/** A Docker network of a lab, by the interface that its hosts have there. */
export interface LabNetwork {
  readonly name: string;
  /** Its bridge on this machine: at most 15 characters (IFNAMSIZ of Linux, with the closing zero). */
  readonly bridge: string;
}

/** The client key that root on every host of the lab accepts; the spec's `ssh.identityFile`. */
export const identityFile = ({ folder }: Home) => join(folder, "id_ed25519");

/** The host keys of all hosts of the lab in OpenSSH's form; the spec's `ssh.knownHosts`. */
export const knownHosts = ({ folder }: Home) => join(folder, "known_hosts");

/** The container of the machine `host`. */
export const containerOf = ({ name }: Pick<Home, "name">, host: string) => `dualstack-${name}-${host}`;

/** The volume that is `/var` of the machine `host`. */
export const volumeOf = (home: Pick<Home, "name">, host: string) => `${containerOf(home, host)}-var`;

/** The lab of the spec called `name`. */
export function homeOf(name: string): Home {
  return { name, folder: join(LABS_FOLDER, name) };
}

/** The network of the interface eth0 bears the lab's name; no other lab can be called like that of a further one. */
export function networkOf({ name }: Home, device: string): LabNetwork {
  const own = device === "eth0" ? name : `${name}.${device}`;
  const digest = createHash("sha256").update(own).digest("hex").slice(0, 12);
  const plain = own === name && name.length <= 12;
  return { name: `dualstack-${own}`, bridge: `ds-${plain ? name : digest}` };
}

/**
 * The spec `file` and its lab, before the keys of its hosts are made: each is a placeholder. Throws SpecError for mistakes of the
 * spec, and Error where it looks for its keys elsewhere than where its lab makes them.
 */
export function readLabSpec(file: string): { readonly home: Home; readonly spec: ClusterSpec } {
  const { spec } = parseSpec(readSpecText(file), { file, placeholderKey: "made by lab up" });
  const home = homeOf(spec.name);
  if (spec.kind !== undefined) return { home, spec };
  const named = spec.ssh.identityFile;
  if (named !== undefined && resolve(dirname(file), named) === identityFile(home)) return { home, spec };
  const here = (path: string) => relative(dirname(resolve(file)), path);
  throw new Error(
    `${file}: the lab ${home.name} makes its keys in ${home.folder}; write into the spec\n` +
      `ssh: {user: root, identityFile: ${here(identityFile(home))}, knownHosts: ${here(knownHosts(home))}}`,
  );
}
