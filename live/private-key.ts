/** The private key that a spec names. */
import { existsSync, readFileSync } from "node:fs";

/** Text of the private key in `file` (`ssh.identityFile`, absolute). Throws Error that says what to do when there is none. */
export function readPrivateKey(file: string): string {
  if (existsSync(file)) return readFileSync(file, "utf8");
  throw new Error(
    `ssh.identityFile: there is no file ${file}: name your private key, or take the line out and use an SSH agent`,
  );
}
