/** What the lab tests share: running the product as a user does, and looking at the hosts behind its back. */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Connection } from "../../live/ssh";
import { type ClusterSpec, type Host, loadSpec } from "../../spec";
import type { Outside } from "../../spec/types";

export const ROOT = resolve(__dirname, "../..");
export const SPEC_FILE = join(ROOT, "stacks/lab.yaml");
/** What the lab of that spec keeps: keys, Pulumi's state, its kubeconfig. */
export const LAB_FOLDER = join(ROOT, ".lab/lab");

/** Longest time for a bring-up on an empty machine: everything is built first. */
export const LONG = 50 * 60_000;

export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a program in the checkout; its output is also kept in `test-logs` for whoever has to find out why. */
export async function run(command: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  const { ended } = start(command, env);
  return ended;
}

/** Starts a program in a process group of its own, so that it can be killed with all that it started. */
export function start(command: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const [program = "", ...args] = command;
  const plain = { ...env, NO_COLOR: "1" };
  const child = spawn(program, args, { cwd: ROOT, env: plain, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  mkdirSync(join(ROOT, "test-logs"), { recursive: true });
  const log = createWriteStream(join(ROOT, "test-logs", "lab.log"), { flags: "a" });
  log.write(`\n# ${new Date().toISOString()} ${command.join(" ")}\n`);
  let output = "";
  const keep = (data: Buffer) => {
    output += data;
    log.write(data);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = new Promise<Ended>((done) => child.once("close", (code) => done({ code: code ?? -1, output })));
  return { child, ended };
}

/** kill -9 of a program and everything that it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
}

export const dualstack = (...args: string[]) => run(["node", "bin/dualstack.js", ...args]);

/** The environment that `dualstack lab env` gives a shell: of the standard lab, or of that of a spec `file`. */
export async function labEnvironment(...file: string[]): Promise<NodeJS.ProcessEnv> {
  const { code, output } = await dualstack("lab", "env", ...file);
  if (code !== 0) throw new Error(output);
  const pairs = [...output.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = "", value = ""]) => [name, value]);
  return { ...process.env, ...Object.fromEntries(pairs) };
}

/** `pulumi ...` on the stack of the lab, as plain users run it. */
export async function pulumi(...args: string[]): Promise<Ended> {
  return run(["pulumi", ...args, "--stack", "lab", "--non-interactive"], await labEnvironment());
}

export function labSpec(): ClusterSpec {
  return loadSpec(SPEC_FILE).spec;
}

export function privateKey(spec = labSpec()): string {
  return readFileSync(spec.ssh.identityFile ?? "", "utf8");
}

/** Runs a shell line on a host and gives its standard output; throws when it fails. */
export async function on({ name, ssh }: Host | Outside, line: string, stdin = "", spec = labSpec()): Promise<string> {
  const connection = await Connection.open(ssh, { privateKey: privateKey(spec) });
  try {
    const { code, stdout, stderr } = await connection.run(["bash", "-c", line], stdin);
    if (code !== 0) throw new Error(`${name}: '${line}' ended with code ${code}: ${stderr}`);
    return stdout.trim();
  } finally {
    connection.close();
  }
}

/** Deletes a test's user: a session of the last run may be ending still, and who is logged in is not deleted; useradd leaves copies of two files. */
export async function deleteUser(host: Host, name: "admin" | "plain", spec = labSpec()): Promise<void> {
  const gone = `userdel -r ${name} 2>/dev/null && rm -f /etc/subuid- /etc/subgid-`;
  const line = `rm -f /etc/sudoers.d/${name}; loginctl terminate-user ${name} 2>/dev/null; for _ in $(seq 1 100); do ${gone} && exit; sleep 0.2; done; exit 1`;
  await on(host, line, "", spec);
}

/** How long a test waits for something (seconds): what takes longer hangs; how quick something is, benchmarks tell. */
const PATIENCE = 240;

/** Waits until `holds` does, looking every 200 ms. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + PATIENCE * 1000;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > end) throw new Error(`waited ${PATIENCE} s in vain for: ${what}`);
    await new Promise((again) => setTimeout(again, 200));
  }
}

/** What a host is like: addresses, routes, rules, files of the system, services, and what runs. */
export const STATE_OF_A_HOST = [
  "ip -o address show | awk '{print $2, $3, $4}' | sort",
  "ip route show | sort; ip -6 route show | grep -v ' expires ' | sed 's/ pref .*//' | sort",
  "nft list tables | sort",
  "iptables-save 2>/dev/null | grep -v '^#' | sed 's/\\[.*//'; ip6tables-save 2>/dev/null | grep -v '^#' | sed 's/\\[.*//'",
  "find /etc /opt /usr/local -xdev -not -path '/opt/dualstack*' -not -name '*.dualstack' \\( -type f -o -type l \\) | sort",
  "ls /var/lib | sort",
  "systemctl list-unit-files --state=enabled --no-legend | awk '{print $1}' | sort",
  "sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv6.conf.default.forwarding 2>/dev/null",
  "ps -eo comm= | grep -E 'kube|containerd|etcd|flanneld|coredns' | sort",
].join("; echo ---; ");
