/** Hosts that answer SSH, and say yes to everything: a run that goes on asks by itself whether a network is in place. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newKey, type Ran, type Sshd, startSshd } from "../contract/fixture/sshd";

export class Answering {
  private constructor(private readonly sshds: readonly Sshd[]) {}

  /** One server for each of `count` hosts; the user's key is then in `folder`, above that of the specs. */
  static async start(folder: string, count: number): Promise<Answering> {
    const user = newKey();
    writeFileSync(join(folder, "id"), user.private, { mode: 0o600 });
    return new Answering(await Promise.all(Array.from({ length: count }, () => startSshd({ user, answer: () => "" }))));
  }

  /** A spec of `specOf`, its hosts reached by SSH. */
  reached(text: string): string {
    return this.sshds.reduce(
      (spec, { connection: { host, port, hostKey } }, n) =>
        spec.replace(
          new RegExp(`(name: node-${n}, .*?ssh: )\\{.*?\\}`),
          `$1{address: ${host}, port: ${port}, hostKey: "${hostKey.trim()}"}`,
        ),
      text.replace(/^hosts:$/m, "ssh: {identityFile: ../id}\nhosts:"),
    );
  }

  /** What host `n` was told. */
  told(n: number): readonly Ran[] {
    return this.sshds[n]!.ran;
  }

  async close(): Promise<void> {
    await Promise.all(this.sshds.map((sshd) => sshd.close()));
  }
}
