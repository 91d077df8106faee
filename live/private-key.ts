/** The private key that a spec names. */
import { existsSync, readFileSync } from "node:fs";
import type { ClusterSpec } from "../spec/types";
import type { Credentials } from "./ssh";

/** Text of the private key in `file` (`ssh.identityFile`, absolute). Throws Error that says what to do when there is none. */
export function readPrivateKey(file: string): string {
  if (existsSync(file)) return readFileSync(file, "utf8");
  throw new Error(
    `ssh.identityFile: there is no file ${file}: name your private key, or take the line out and use an SSH agent`,
  );
}

/** How to log in to the hosts of a spec: by its private key, else by the SSH agent. Throws Error like {@link readPrivateKey}. */
export function credentialsOf({ ssh: { identityFile } }: ClusterSpec): Credentials {
  return identityFile === undefined ? {} : { privateKey: readPrivateKey(identityFile) };
}
