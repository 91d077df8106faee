/**
 * From no host at all to a cluster that passes every check, one lab after the other, with all programs in the cache: each with its own
 * families and what it has in the cluster. Prints seconds, and the ratio to the standard lab's, which `npm start` brings up.
 */
import { join } from "node:path";
import Table from "cli-table3";
import { loadSpec } from "../../spec";
import { dualstack, ROOT, SPEC_FILE } from "../lab/harness";

const FILES = [SPEC_FILE, ...["ipv6-first", "ipv6-only", "ipv4-only"].map(specOf)];

function specOf(name: string): string {
  return join(ROOT, "test/lab/specs", `${name}.yaml`);
}

async function lab(...args: string[]): Promise<void> {
  const { code, output } = await dualstack("lab", ...args);
  if (code !== 0) throw new Error(output);
}

async function main(): Promise<void> {
  const table = new Table({
    head: ["lab", "families", "hosts", "s", "ratio"],
    style: { head: [], border: [], compact: true },
  });
  let standard = 0;
  for (const file of FILES) {
    await lab("down", file);
    const started = performance.now();
    await lab("up", file);
    const seconds = (performance.now() - started) / 1000;
    standard ||= seconds;
    const { name, network, hosts } = loadSpec(file).spec;
    table.push([name, network.families.join(", "), hosts.length, seconds.toFixed(0), (seconds / standard).toFixed(2)]);
    if (file !== SPEC_FILE) await lab("down", file);
  }
  process.stdout.write(`${table.toString()}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
