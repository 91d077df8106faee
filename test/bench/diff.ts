/**
 * How long the whole command `dualstack diff` takes, and how it grows: `npx tsx test/bench/diff.ts`. Figures are printed, not judged:
 * machines differ.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";

/** A spec of `n` hosts on one link; `change` replaces a text in it. */
function specOf(n: number, change: (text: string) => string = (text) => text): string {
  const hosts = Array.from({ length: n }, (_, i) => {
    const v4 = `172.20.${Math.floor(i / 250)}.${(i % 250) + 2}`;
    return [
      `  - name: node-${i}`,
      `    role: ${i === 0 ? "control-plane" : "worker"}`,
      "    interfaces:",
      `      - {name: eth0, ipv4: {address: ${v4}/16, gateway: 172.20.255.1}, ipv6: {address: "fd00:20::${(i + 2).toString(16)}/64", gateway: "fe80::1"}}`,
    ].join("\n");
  });
  const pods = '  pods: {ipv4: 10.128.0.0/11, ipv6: "fd00:10:200::/52", nodeMask: {ipv4: 24, ipv6: 64}}';
  const head = ["name: big", 'kubernetes: {version: "1.35.4"}', "network:", pods, "kubeProxy: {mode: iptables}"];
  return change(`${[...head, "ssh: {knownHosts: known_hosts}", "hosts:", ...hosts].join("\n")}\n`);
}

const CHANGES: readonly (readonly [what: string, change: (text: string) => string])[] = [
  ["one gateway", (text) => text.replace("gateway: 172.20.255.1", "gateway: 172.20.255.2")],
  ["every gateway", (text) => text.replaceAll("gateway: 172.20.255.1", "gateway: 172.20.255.2")],
  ["a minor release", (text) => text.replace("1.35.4", "1.36.3")],
];

/** Milliseconds of the command, most of them the two specs; characters of its Markdown. */
function run(folder: string, ...args: string[]): { ms: number; characters: number } {
  const bin = join(__dirname, "../../bin/dualstack.js");
  const started = performance.now();
  const command = [bin, "diff", join(folder, "old.yaml"), join(folder, "new.yaml"), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8", maxBuffer: 1e9 });
  if (status !== 1) throw new Error(stderr);
  return { ms: performance.now() - started, characters: stdout.length };
}

const folder = mkdtempSync(join(tmpdir(), "bench-"));
const table = new Table({
  head: ["hosts", ...CHANGES.flatMap(([what]) => [`${what}: ms`, "Markdown"])],
  style: { head: [], border: [], compact: true },
});
for (const n of [10, 100, 1000]) {
  writeFileSync(join(folder, "old.yaml"), specOf(n));
  const figures = CHANGES.flatMap(([, change]) => {
    writeFileSync(join(folder, "new.yaml"), specOf(n, change));
    const [, middle] = [1, 2, 3].map(() => run(folder, "--markdown")).sort((a, b) => a.ms - b.ms);
    return [middle!.ms, middle!.characters];
  });
  table.push([n, ...figures].map((one) => one.toFixed(0)));
}
rmSync(folder, { recursive: true });
process.stdout.write(`${table.toString()}\n`);
