/** Hosts of a lab of their own for faults of the network: the product's step and confirmation on them, and what they are like. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandLine, STEP_SECONDS } from "../../hosts/command-line";
import { print, type Step } from "../../hosts/document";
import { networkStep } from "../../hosts/network";
import { confirmNetwork, SILENCE } from "../../live/confirm";
import { Connection, type SshResult } from "../../live/ssh";
import { type ClusterSpec, type Host, parseSpec } from "../../spec";
import { dualstack, ROOT, run, start, until } from "./harness";

// without an interface's own IPv6 forwarding, which NetworkManager sets to 0 when it starts (Linux forwards by that of `all`), and
// without the links of init scripts, which no host with systemd reads
const STATE = [
  "ip -o address show scope global | awk '{ print $2, $3, $4 }' | sort",
  "ip -4 route show | sed 's/ *$//' | sort; ip -6 route show | grep -v ^fe80 | sed 's/ pref .*//; s/ expires .*//' | sort",
  "find /etc /var/lib/dualstack -xdev -type f -not -path '*/went-back/*' -print0 2>/dev/null | sort -z | xargs -0 sha256sum",
  "find /etc -xdev -not -path '/etc/rc?.d/*' '(' -type l -o -name '*.dualstack' ')' | sort",
  "find /etc/systemd/network /etc/sysctl.d /etc/NetworkManager /etc/netplan /etc/network -type f -printf '%p %m %u %g\\n' 2>/dev/null | sort",
  "sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv6.conf.eth0.disable_ipv6",
].join("; echo ---; ");

/** The hosts of `test/lab/specs/<lab>.yaml`, without a cluster. */
export function networkLab(lab: string) {
  const file = join(ROOT, "test/lab/specs", `${lab}.yaml`);
  const knownHosts = join(ROOT, ".lab", lab, "known_hosts");
  const identity = join(ROOT, ".lab", lab, "id_ed25519");

  /** The spec, with a mistake in it if one is wanted: the text `from` replaced. */
  function spec(from: string | RegExp = "", to = ""): ClusterSpec {
    const right = readFileSync(file, "utf8");
    const text = right.replace(from, to);
    if (text === right && from !== "") throw new Error(`the spec does not hold ${from}`);
    return parseSpec(text, { file, knownHosts: readFileSync(knownHosts, "utf8") }).spec;
  }

  const hostOf = (name: string, of = spec()): Host => of.hosts.find((host) => host.name === name)!;

  /** The network step of a host, with another time for its confirmation if that is wanted. */
  function stepOf(name: string, of = spec(), seconds?: number): Step {
    const step = networkStep(of, hostOf(name, of));
    return seconds === undefined ? step : { ...step, values: [...step.values, ["window", String(seconds)]] };
  }

  const credentials = () => ({ privateKey: readFileSync(identity, "utf8") });

  /** Connects by the host's SSH address, does something, and closes. */
  async function connected<T>(name: string, work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await Connection.open(hostOf(name).ssh, credentials(), { patience: SILENCE });
    try {
      return await work(connection);
    } finally {
      connection.close();
    }
  }

  /** Asks an action of a step, as Pulumi's command does. */
  const ask = (name: string, step: Step, action: "apply" | "remove" = "apply"): Promise<SshResult> =>
    connected(name, (connection) => connection.runLine(commandLine(action, STEP_SECONDS), print(step)));

  /** The product's confirmation of every family but the one of the SSH address. */
  const confirm = (name: string, network: Step, patienceSeconds = 20) =>
    confirmNetwork({ host: hostOf(name), network, credentials: credentials(), patienceSeconds });

  /** Applies a step and proves both families, as a whole run does: by the confirmation, and by the connection of the next step. */
  async function change(name: string, step: Step): Promise<void> {
    const { code, stderr } = await ask(name, step);
    if (code !== 0) throw new Error(stderr);
    await confirm(name, step);
    const next = await ask(name, step);
    expect([next.code, next.stdout, next.code === 0 ? "" : next.stderr]).toEqual([0, "", ""]);
  }

  /** Runs a shell line on a host and gives its standard output. Throws Error when it fails. */
  async function on(name: string, line: string): Promise<string> {
    const { code, stdout, stderr } = await connected(name, (connection) => connection.run(["bash", "-c", line]));
    if (code !== 0) throw new Error(`${name}: '${line}' ended with code ${code}: ${stderr}`);
    return stdout.trim();
  }

  /** What a host is like: addresses, routes, every file of the system byte for byte, kernel settings. */
  const state = (name: string): Promise<string[]> => on(name, STATE).then((shown) => shown.split("\n"));

  async function up(): Promise<void> {
    const { code, output } = await dualstack("lab", "up", file, "--hosts-only");
    if (code !== 0) throw new Error(output);
  }

  const down = () => dualstack("lab", "down", file);

  /** The environment of this lab for plain `pulumi` and `docker`. */
  async function environment(): Promise<NodeJS.ProcessEnv> {
    const { code, output } = await dualstack("lab", "env", file);
    if (code !== 0) throw new Error(output);
    const pairs = [...output.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = "", value = ""]) => [name, value]);
    return { ...process.env, ...Object.fromEntries(pairs) };
  }

  /** Starts `pulumi up` of the spec with the text `from` replaced, in a process group of its own. */
  async function pulumiUp(from: string, to: string) {
    const variant = join(ROOT, ".lab", lab, "variant.yaml");
    const text = readFileSync(file, "utf8").replaceAll(`../../../.lab/${lab}/`, "");
    writeFileSync(variant, text.replace(from, to));
    const env = await environment();
    // the stack's file belongs into the lab's folder
    const select = ["-C", dirname(variant), "stack", "select", "--create", lab];
    for (const args of [select, ["config", "set", "dualstack:spec", variant, "--stack", lab]]) {
      const { code, output } = await run(["pulumi", ...args, "--non-interactive"], env);
      if (code !== 0) throw new Error(output);
    }
    return start(["pulumi", "up", "--yes", "--skip-preview", "--stack", lab, "--non-interactive"], env);
  }

  /** Switches a host off and on again, and waits until it lets us in. */
  async function restart(name: string): Promise<void> {
    const container = `dualstack-${lab}-${name}`;
    const { code, output } = await run(["docker", "restart", "--time", "20", container], await environment());
    if (code !== 0) throw new Error(output);
    await until(`${name} is up`, async () => (await on(name, "systemctl is-active ssh.service")) === "active");
  }

  return {
    ask,
    change,
    confirm,
    credentials,
    down,
    environment,
    file,
    hostOf,
    identity,
    knownHosts,
    on,
    pulumiUp,
    restart,
    spec,
    state,
    stepOf,
    up,
  };
}
