/**
 * `npm run bench`: hosts prepared (addresses of both families, kernel, runtime, programs; no images, no cluster) by plain `pulumi up`,
 * for 2, 8 and 16 hosts of a lab of its own, and the same 8 by Ansible in the same run; then each again with nothing to change. Hosts of
 * one lab share the processors of one machine, which real ones do not: so 2 and 16 are measured again with a small, fixed share for each
 * host, with and without images.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { planCluster } from "../../plan/plan";
import { type Host, parseSpec } from "../../spec";
import { dualstack, type Ended, on, ROOT, run } from "../lab/harness";
import { playbook } from "./ansible";

const LAB = "prepare";
const FOLDER = join(ROOT, ".lab", LAB);
const SPECS = mkdtempSync(join(tmpdir(), "dualstack-prepare-"));
const FILE = join(SPECS, "prepare.yaml");
const SIZES = [2, 8, 16];
const COMPARED = 8;
/** Of a core, for hosts with a processor of their own: all of the largest lab take one, and the rest is the operator's. */
const SHARE = 1 / Math.max(...SIZES);
/** Every host's network and system steps, as Cluster has them in a first run, without what comes after. */
const PROGRAM = `
import { Host } from "${ROOT}/components/host";
import { planCluster } from "${ROOT}/plan/plan";
import { loadSpec } from "${ROOT}/spec";
import { readFileSync } from "node:fs";
const { spec } = loadSpec(process.env.PREPARE_SPEC!);
const login = { privateKey: readFileSync(spec.ssh.identityFile!, "utf8") };
const [first, ...joining] = planCluster(spec).hosts;
new Host("ControlPlane", first!.host.name, { plan: first!, login });
for (const plan of joining) new Host("Worker", plan.host.name, { plan, login });
`;

/** A project for {@link PROGRAM} in a folder of its own. */
function project(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const files = {
    "Pulumi.yaml": `name: ${LAB}\nruntime: nodejs\n`,
    "index.ts": PROGRAM,
    "package.json": '{"main": "index.ts"}',
    "tsconfig.json": readFileSync(join(ROOT, "tsconfig.json"), "utf8"),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  if (!existsSync(join(folder, "node_modules"))) symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
}

/** Where the lab has put all that is installed. */
const STAGED = "/opt/dualstack";
/** What of it is installed, other than said: programs without images, whose import would be the same minute for everybody. */
const PROGRAMS = "/opt/programs";
const MAKE_PROGRAMS = `mkdir -p ${PROGRAMS} && ln -sfn ${STAGED}/bin ${PROGRAMS}/bin && ln -sfn ${STAGED}/cni ${PROGRAMS}/cni`;

const host = (n: number) => `  - name: host-${n}
    role: ${n === 1 ? "control-plane" : "worker"}
    interfaces:
      - name: eth0
        ipv4: {address: 192.168.113.${10 + n}/24, gateway: 192.168.113.1}
        ipv6: {address: "fd5d:a57a:c400:113::${10 + n}/64", gateway: "fd5d:a57a:c400:113::1"}
`;

function specText(size: number, folder: string, keys: string): string {
  const hosts = Array.from({ length: size }, (_, i) => host(i + 1)).join("");
  return `name: ${LAB}
platform: container
kubernetes: {version: "1.36.3", install: {folder: ${folder}}}
network:
  families: [ipv4, ipv6]
  pods: {ipv4: 10.244.0.0/16, ipv6: "fd5d:a57a:c400:200::/56"}
  services: {ipv4: 10.96.0.0/16, ipv6: "fd5d:a57a:c400:300::/112"}
  dns: [192.168.113.1]
cni: {kind: flannel, version: "0.26.7"}
ssh: {user: root, identityFile: ${keys}/id_ed25519, knownHosts: ${keys}/known_hosts}
hosts:
${hosts}`;
}

async function must(ended: Promise<Ended>): Promise<string> {
  const { code, output } = await ended;
  if (code !== 0) throw new Error(output.split("\n").slice(-40).join("\n"));
  return output;
}

async function timed(work: () => Promise<Ended>): Promise<number> {
  const started = performance.now();
  await must(work());
  return (performance.now() - started) / 1000;
}

async function main(): Promise<void> {
  const largest = Math.max(...SIZES);
  writeFileSync(FILE, specText(largest, STAGED, FOLDER));
  try {
    await must(dualstack("lab", "up", FILE, "--hosts-only"));
    const shown = await must(dualstack("lab", "env", FILE));
    const pairs = [...shown.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = "", value = ""]) => [name, value]);
    const { PULUMI_OPTION_CONFIG_FILE, ...env } = { ...process.env, ...Object.fromEntries(pairs) };
    project(join(FOLDER, "program"));
    const chosen = { ...env, PREPARE_SPEC: "" };
    const pulumi = (...args: string[]) =>
      run(["pulumi", "-C", join(FOLDER, "program"), ...args, "--non-interactive"], chosen);
    await must(pulumi("stack", "select", "--create", LAB));

    /** A spec of the first hosts of the lab, chosen for the stack. */
    const choose = async (size: number, folder = PROGRAMS) => {
      const file = join(SPECS, `${size}.yaml`);
      writeFileSync(file, specText(size, folder, FOLDER));
      chosen.PREPARE_SPEC = file;
      const { spec } = parseSpec(readFileSync(file, "utf8"), {
        file,
        knownHosts: readFileSync(join(FOLDER, "known_hosts"), "utf8"),
      });
      return { file, plan: planCluster(spec), spec };
    };
    const prepare = () => pulumi("up", "--yes", "--skip-preview", "--stack", LAB, "--parallel", "64");

    const { spec: all } = await choose(largest);
    await Promise.all(all.hosts.map((each: Host) => on(each, MAKE_PROGRAMS, "", all)));
    const rows: string[][] = [];
    const tell = (...row: string[]) => {
      rows.push(row);
      process.stderr.write(`${row.join("  ")}\n`); // a run that is stopped has told what it measured
    };
    type Figures = readonly [cold: number, again: number];
    /** A size cold, again and looked at, then taken off the hosts. */
    const measure = async (size: number, remark = "", folder = PROGRAMS): Promise<Figures> => {
      const { file } = await choose(size, folder);
      const figures = [await timed(prepare), await timed(prepare)] as const;
      const looked = performance.now();
      const { code, output } = await dualstack("verify", file, "--hosts");
      if (code !== 0 && code !== 1) throw new Error(output); // there is no cluster yet, which is drift
      const look = (performance.now() - looked) / 1000;
      tell(`pulumi up, ${size} hosts${remark}`, ...[...figures, look].map((one) => one.toFixed(1)));
      await must(pulumi("destroy", "--yes", "--skip-preview", "--stack", LAB, "--parallel", "64"));
      return figures;
    };
    const tellRatio = (what: string, one: Figures, other: Figures) =>
      tell(what, ...[0, 1].map((i) => (one[i]! / other[i]!).toFixed(2)), "");

    const figures = new Map<number, Figures>();
    for (const size of SIZES) figures.set(size, await measure(size));
    const ends = [SIZES.at(-1)!, SIZES[0]!] as const;
    const growth = `${ends[0]} hosts to ${ends[1]}`;
    tellRatio(growth, figures.get(ends[0])!, figures.get(ends[1])!);

    const containers = all.hosts.map(({ name }) => `dualstack-${LAB}-${name}`);
    const limit = (cpus: number) => must(run(["docker", "update", "--cpus", `${cpus}`, ...containers], env));
    await limit(SHARE);
    const own = `, each with ${SHARE} of a core`;
    for (const [what, folder] of [
      [own, PROGRAMS],
      [`${own}, with images`, STAGED],
    ] as const) {
      const [biggest, smallest] = [await measure(ends[0], what, folder), await measure(ends[1], what, folder)];
      tellRatio(growth + what, biggest, smallest);
    }
    await limit(availableParallelism());

    const { plan } = await choose(COMPARED);
    const play = await playbook(
      join(FOLDER, "ansible"),
      plan.hosts,
      join(FOLDER, "id_ed25519"),
      join(FOLDER, "known_hosts"),
    );
    const other = [await timed(play), await timed(play)] as const;
    tell(`ansible-playbook, ${COMPARED} hosts`, ...other.map((one) => one.toFixed(1)), "");
    tellRatio("ratio of the two", figures.get(COMPARED)!, other);
    const table = new Table({
      head: ["hosts prepared", "bare: s", "again: s", "verify --hosts: s"],
      style: { head: [], border: [], compact: true },
    });
    table.push(...rows);
    process.stdout.write(`${table.toString()}\n`);
  } finally {
    await dualstack("lab", "down", FILE);
    rmSync(SPECS, { recursive: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
