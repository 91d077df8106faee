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
  /** The Docker network of the lab. */
  readonly network: string;
  /** Its bridge on this machine: at most 15 characters (IFNAMSIZ of Linux, with the closing zero). */
  readonly bridge: string;
}

/** The client key that root on every host of the lab accepts; the spec's `ssh.identityFile`. */
export const identityFile = ({ folder }: Home) => join(folder, "id_ed25519");

/** The host keys of all hosts of the lab in OpenSSH's form; the spec's `ssh.knownHosts`. */
export const knownHosts = ({ folder }: Home) => join(folder, "known_hosts");

/** The container of the machine `host`. */
export const containerOf = ({ name }: Home, host: string) => `dualstack-${name}-${host}`;

/** The volume that is `/var` of the machine `host`. */
export const volumeOf = (home: Home, host: string) => `${containerOf(home, host)}-var`;

/** The lab of the spec called `name`. */
export function homeOf(name: string): Home {
  const short = `ds-${name}`;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 12);
  const bridge = short.length <= 15 ? short : `ds-${digest}`;
  return { name, folder: join(LABS_FOLDER, name), network: `dualstack-${name}`, bridge };
}

/**
 * The spec `file` and its lab, before the keys of its hosts are made: each is a placeholder. Throws SpecError for mistakes of the
 * spec, and Error where it looks for its keys elsewhere than where its lab makes them.
 */
export function readLabSpec(file: string): { readonly home: Home; readonly spec: ClusterSpec } {
  const { spec } = parseSpec(readSpecText(file), { file, placeholderKey: "made by lab up" });
  const home = homeOf(spec.name);
  const named = spec.ssh.identityFile;
  if (named !== undefined && resolve(dirname(file), named) === identityFile(home)) return { home, spec };
  const here = (path: string) => relative(dirname(resolve(file)), path);
  throw new Error(
    `${file}: the lab ${home.name} makes its keys in ${home.folder}; write into the spec\n` +
      `ssh: {user: root, identityFile: ${here(identityFile(home))}, knownHosts: ${here(knownHosts(home))}}`,
  );
}
