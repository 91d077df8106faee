/**
 * How long a check takes, and how it grows: `npx tsx test/bench/check.ts`. Each size runs in a process of its own, so that the first
 * run counts as people meet it, and the memory is that size's alone. Figures are printed, not judged: machines differ.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { parseSpec, SpecError } from "../../spec";
import { fakeKey } from "../spec/keys";

type Kind = "right" | "known hosts" | "all wrong";

/** A spec of `n` hosts on one link; `known hosts` takes the keys from a file, `all wrong` repeats addresses and names. */
function specOf(n: number, kind: Kind): { text: string; knownHosts: string } {
  const lines = [
    "name: big",
    "network:",
    '  pods: {ipv4: 10.128.0.0/11, ipv6: "fd00:10:200::/52", nodeMask: {ipv4: 24, ipv6: 64}}',
    "kubeProxy: {mode: iptables}",
    ...(kind === "known hosts" ? ["ssh: {knownHosts: known_hosts}"] : []),
    "hosts:",
  ];
  const known: string[] = [];
  for (let i = 0; i < n; i++) {
    const id = kind === "all wrong" ? Math.floor(i / 2) : i;
    const v4 = `172.20.${Math.floor(id / 250)}.${(id % 250) + 2}`;
    const key = fakeKey(i % 250);
    known.push(`${v4} ${key}`);
    lines.push(
      `  - name: node-${id}`,
      `    role: ${i === 0 ? "control-plane" : "worker"}`,
      ...(kind === "known hosts" ? [] : [`    ssh: {hostKey: ${key}}`]),
      "    interfaces:",
      `      - {name: eth0, ipv4: {address: ${v4}/16, gateway: 172.20.255.1}, ipv6: {address: "fd00:20::${(id + 2).toString(16)}/64", gateway: "fe80::1"}}`,
    );
  }
  return { text: `${lines.join("\n")}\n`, knownHosts: known.join("\n") };
}

/** Milliseconds of one check by the clock and on the processor, peak memory of this process in MB, and how many problems there were. */
function measure(n: number, kind: Kind): { ms: number; cpu: number; mb: number; problems: number } {
  const { text, knownHosts } = specOf(n, kind);
  const started = performance.now();
  const before = process.cpuUsage();
  let problems = 0;
  try {
    problems = parseSpec(text, { file: "big.yaml", knownHosts }).warnings.length;
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    problems = error.problems.length;
  }
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { ms, cpu: (user + system) / 1000, mb: process.resourceUsage().maxRSS / 1024, problems };
}

/** The whole command, from the shell: milliseconds, most of them the start of Node and of the TypeScript loader. */
function command(n: number): number {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  writeFileSync(join(folder, "big.yaml"), specOf(n, "right").text);
  const bin = join(__dirname, "../../bin/dualstack.js");
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [bin, "check", join(folder, "big.yaml")], {
    encoding: "utf8",
  });
  const ms = performance.now() - started;
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(stderr);
  return ms;
}

const SIZES = [10, 100, 500, 1000];
const KINDS: readonly Kind[] = ["right", "known hosts", "all wrong"];

function main(): void {
  const [, , size, kind] = process.argv;
  if (size !== undefined) {
    process.stdout.write(JSON.stringify(measure(Number(size), kind as Kind)));
    return;
  }
  const table = new Table({
    head: ["hosts", ...KINDS.flatMap((one) => [`${one}: ms`, "CPU ms", "MB", "found"]), "command: ms"],
    style: { head: [], border: [], compact: true },
  });
  for (const n of SIZES) {
    const figures = KINDS.flatMap((kind) => {
      const [, middle] = [1, 2, 3].map(() => inOwnProcess(n, kind)).sort((a, b) => a.ms - b.ms);
      return [middle!.ms, middle!.cpu, middle!.mb, middle!.problems];
    });
    table.push([n, ...figures, command(n)].map((one) => one.toFixed(0)));
  }
  process.stdout.write(`${table.toString()}\n`);
}

function inOwnProcess(n: number, kind: Kind): ReturnType<typeof measure> {
  const { stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", __filename, String(n), kind], {
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

main();
