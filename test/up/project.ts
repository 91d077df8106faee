/** A project of its own around this checkout's program, with a real engine, hosts that do nothing, and a verification that passes. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fakeKey } from "../spec/keys";

const root = resolve(__dirname, "../..");

/** What the verification of these clusters finds. */
const RESULT = {
  id: "nodes",
  title: "every node is ready",
  ok: true,
  expected: "",
  found: "",
  milliseconds: 1,
  tries: 1,
};

const PROGRAM = `
const verify = require.resolve(${JSON.stringify(join(root, "live/verify.ts"))});
require.cache[verify] = { id: verify, filename: verify, loaded: true, exports: { verify: async () => [${JSON.stringify(RESULT)}] } } as never;
export = require(${JSON.stringify(join(root, "index.ts"))});
`;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "up-"));
  readonly env: Record<string, string>;

  constructor() {
    const files = {
      "Pulumi.yaml": "name: idle\nruntime: nodejs\nstackConfigDir: stacks\nmain: index.ts\n",
      "index.ts": PROGRAM,
      "tsconfig.json": readFileSync(join(root, "tsconfig.json"), "utf8"),
      "package.json": "{}",
    };
    for (const name of ["stacks", "state", "hosts"]) mkdirSync(join(this.folder, name));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text);
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    this.env = {
      ...(process.env as Record<string, string>),
      PATH: [join(root, "test/up/bin"), process.env.PATH].join(delimiter),
      NO_COLOR: "1",
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_HOME: join(this.folder, "home"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      DUALSTACK_IDLE: join(this.folder, "hosts"),
      DUALSTACK_IDLE_CA: join(root, "test/components/ca.pem"),
    };
  }

  spec(environment: string, text: string): void {
    writeFileSync(join(this.folder, "stacks", `${environment}.yaml`), text);
  }

  /** `dualstack ARGS` in a process group of its own. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
    return this.program(process.execPath, [join(root, "bin/dualstack.js"), ...args], env);
  }

  dualstack(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.start(args, env).ended;
  }

  pulumi(...args: string[]): Promise<Ended> {
    return this.program("pulumi", [...args, "--non-interactive", "--color", "never"], {}).ended;
  }

  private program(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Started {
    const child = spawn(name, args, {
      cwd: this.folder,
      env: { ...this.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => (said.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (said.stderr += text));
    const ended = new Promise<Ended>((done, fail) => {
      child.once("error", fail).once("close", (code) => done({ code, ...said }));
    });
    return { child, ended };
  }

  /** What the hosts did: `did`, `same`, `removed`, `nothing to remove`, and how often; `name` chooses resources. */
  hosts(name = /-(network|system|kubernetes)$/): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const line of this.log().filter((one) => name.test(one))) {
      const what = line.slice(0, line.lastIndexOf(" "));
      counts[what] = (counts[what] ?? 0) + 1;
    }
    return counts;
  }

  log(): string[] {
    try {
      return readFileSync(join(this.folder, "hosts/log"), "utf8").trim().split("\n");
    } catch {
      return [];
    }
  }

  /** Begins a new log; what the hosts remember stays. */
  forget(): void {
    rmSync(join(this.folder, "hosts/log"), { force: true });
  }

  /** The engine that runs in this project now. */
  engine(): number | undefined {
    const all = execFileSync("pgrep", ["-x", "pulumi"], { encoding: "utf8" }).split("\n").filter(Boolean);
    return all.map(Number).find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`DUALSTACK_IDLE=${join(this.folder, "hosts")}\0`);
      } catch {
        return false;
      }
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A spec of `n` hosts, or of those numbers. */
export function specOf(hosts: number | readonly number[], change: (text: string) => string = (text) => text): string {
  const numbers = typeof hosts === "number" ? Array.from({ length: hosts }, (_, i) => i) : hosts;
  const lines = numbers.map(
    (i) =>
      `  - {name: node-${i}, role: ${i === 0 ? "control-plane" : "worker"}, ssh: {hostKey: ${fakeKey(i % 250)}}, interfaces: [{name: eth0, ` +
      `ipv4: {address: 172.20.${Math.floor(i / 250)}.${(i % 250) + 2}/16, gateway: 172.20.255.1}, ipv6: {address: "fd00:20::${(i + 2).toString(16)}/64", gateway: "fe80::1"}}]}`,
  );
  const pods = '  pods: {ipv4: 10.128.0.0/11, ipv6: "fd00:10:200::/52", nodeMask: {ipv4: 24, ipv6: 64}}';
  return change(`${["name: idle", "network:", pods, "kubeProxy: {mode: iptables}", "hosts:", ...lines].join("\n")}\n`);
}
