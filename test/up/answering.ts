/**
 * Hosts that answer SSH: they say yes to every step, since a run that goes on asks by itself whether a network is in place, and to
 * preflight what hosts say that nobody has touched yet.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newKey, type Ran, type Sshd, startSshd } from "../contract/fixture/sshd";

/** What host `n` says to preflight's questions; `swap` in KiB. Other questions it cannot answer. */
function sound(stdin: string, n: number, swap: number): string {
  const questions = /\nmain; exit\n([\s\S]*)\nask\n$/.exec(stdin)?.[1]?.split("\n") ?? [];
  if (!questions.includes("system")) return "";
  const said: { readonly [question: string]: readonly string[] } = {
    system: [
      ...[
        "os debian 12",
        "kernel 6.1.0",
        `hostname node-${n}`,
        `machine-id ${n}a`,
        `product-uuid ${n}b`,
        "init systemd",
      ],
      ...[
        "cgroup v2",
        "cpus 2",
        "memory 4000000",
        `swap ${swap}`,
        "disk 40000000 50000000",
        "packages /usr/bin/apt-get",
      ],
      ...["ping /usr/bin/ping", "ipv6 yes", "cloud-init done", "cluster none", "nameserver 172.20.255.1"],
    ],
    links: [`eth0 1500 02:00:00:00:00:${(n + 2).toString(16).padStart(2, "0")}`],
    addresses: [
      `2: eth0    inet 172.20.0.${n + 2}/16 scope global eth0`,
      `2: eth0    inet6 fd00:20::${(n + 2).toString(16)}/64 scope global`,
    ],
    "routes 4": ["default via 172.20.255.1 dev eth0"],
    "routes 6": ["default via fe80::1 dev eth0"],
    hostkeys: [`ssh-ed25519 key-${n}`],
    managers: ["active systemd-networkd", "networkd eth0 configured"],
  };
  const answer = (question: string) => {
    const ports = /^peer \d \S+ (\S*)$/.exec(question)?.[1];
    const lines =
      ports === undefined
        ? (said[question] ?? [])
        : ["full 1500", ...ports.split(",").map((port) => `${port} refused`)];
    return [question, ...lines.map((line) => `  ${line}`)];
  };
  const now = Date.now() / 1000;
  return [`start ${now}`, ...questions.flatMap(answer), `end ${now}`, ""].join("\n");
}

export class Answering {
  /** KiB of a host that has what it should not have. */
  readonly swap = new Map<number, number>();
  private sshds: readonly Sshd[] = [];

  private constructor() {}

  /** One server for each of `count` hosts; the user's key is then in `folder`, above that of the specs. */
  static async start(folder: string, count: number): Promise<Answering> {
    const user = newKey();
    writeFileSync(join(folder, "id"), user.private, { mode: 0o600 });
    const hosts = new Answering();
    const answer = (n: number) => (stdin: string) => sound(stdin, n, hosts.swap.get(n) ?? 0);
    hosts.sshds = await Promise.all(Array.from({ length: count }, (_, n) => startSshd({ user, answer: answer(n) })));
    return hosts;
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

  /** The steps that host `n` was told. */
  told(n: number): readonly Ran[] {
    return this.sshds[n]!.ran.filter(({ stdin }) => /^step \w+$/m.test(stdin));
  }

  /** How often all of them were asked by preflight. */
  asked(): number {
    return this.sshds.flatMap(({ ran }) => ran).filter(({ stdin }) => /^system$/m.test(stdin)).length;
  }

  async close(): Promise<void> {
    await Promise.all(this.sshds.map((sshd) => sshd.close()));
  }
}
