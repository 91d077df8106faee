/** Hosts of a lab of their own for faults of the network: the product's step and confirmation on them, and what they are like. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine, STEP_SECONDS } from "../../hosts/command-line";
import { print, type Step } from "../../hosts/document";
import { networkStep } from "../../hosts/network";
import { confirmNetwork } from "../../live/confirm";
import { Connection, type SshResult } from "../../live/ssh";
import { type ClusterSpec, type Host, parseSpec } from "../../spec";
import { dualstack, ROOT, run } from "./harness";

export const SPEC = join(ROOT, "test/lab/specs/safe.yaml");
const FOLDER = join(ROOT, ".lab/safe");
export const KNOWN_HOSTS = join(FOLDER, "known_hosts");
export const IDENTITY = join(FOLDER, "id_ed25519");

/** The spec of the lab, with a mistake in it if one is wanted: the text `from` replaced. */
export function spec(from = "", to = ""): ClusterSpec {
  const text = readFileSync(SPEC, "utf8");
  if (!text.includes(from)) throw new Error(`the spec does not hold ${from}`);
  return parseSpec(text.replace(from, to), { file: SPEC, knownHosts: readFileSync(KNOWN_HOSTS, "utf8") }).spec;
}

export const hostOf = (name: string, of = spec()): Host => of.hosts.find((host) => host.name === name)!;

/** The network step of a host, with another time for its confirmation if that is wanted. */
export function stepOf(name: string, of = spec(), seconds?: number): Step {
  const step = networkStep(of, hostOf(name, of));
  return seconds === undefined ? step : { ...step, values: [...step.values, ["window", String(seconds)]] };
}

export const credentials = () => ({ privateKey: readFileSync(IDENTITY, "utf8") });

/** Connects by the host's SSH address, does something, and closes. */
export async function connected<T>(name: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.open(hostOf(name).ssh, credentials());
  try {
    return await work(connection);
  } finally {
    connection.close();
  }
}

/** Asks an action of a step, as Pulumi's command does. */
export const ask = (name: string, step: Step, action: "apply" | "remove" = "apply"): Promise<SshResult> =>
  connected(name, (connection) => connection.runLine(commandLine(action, STEP_SECONDS), print(step)));

/** The product's confirmation of every family but the one of the SSH address. */
export const confirm = (name: string, network: Step, patienceSeconds = 20) =>
  confirmNetwork({ host: hostOf(name), network, credentials: credentials(), patienceSeconds });

/** Runs a shell line on a host and gives its standard output. Throws Error when it fails. */
export async function on(name: string, line: string): Promise<string> {
  const { code, stdout, stderr } = await connected(name, (connection) => connection.run(["bash", "-c", line]));
  if (code !== 0) throw new Error(`${name}: '${line}' ended with code ${code}: ${stderr}`);
  return stdout.trim();
}

const STATE = [
  "ip -o address show scope global | awk '{ print $2, $3, $4 }' | sort",
  "ip -4 route show | sort; ip -6 route show | grep -v ^fe80 | sed 's/ pref .*//; s/ expires .*//' | sort",
  "find /etc /var/lib/dualstack -xdev -type f -not -path '*/went-back/*' -print0 2>/dev/null | sort -z | xargs -0 sha256sum",
  "find /etc -xdev '(' -type l -o -name '*.dualstack' ')' | sort",
  "stat -c '%n %a %u %g' /etc/systemd/network/* /etc/sysctl.d/*",
  "sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv6.conf.eth0.forwarding net.ipv6.conf.eth0.disable_ipv6",
].join("; echo ---; ");

/** What a host is like: addresses, routes, every file of the system byte for byte, kernel settings. */
export const state = (name: string): Promise<string[]> => on(name, STATE).then((shown) => shown.split("\n"));

export async function up(): Promise<void> {
  const { code, output } = await dualstack("lab", "up", SPEC, "--hosts-only");
  if (code !== 0) throw new Error(output);
}

export const down = () => dualstack("lab", "down", SPEC);

/** The environment of this lab for plain `pulumi` and `docker`. */
export async function environment(): Promise<NodeJS.ProcessEnv> {
  const { code, output } = await dualstack("lab", "env", SPEC);
  if (code !== 0) throw new Error(output);
  const pairs = [...output.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = "", value = ""]) => [name, value]);
  return { ...process.env, ...Object.fromEntries(pairs) };
}

/** Switches a host off and on again. */
export async function restart(name: string): Promise<void> {
  const { code, output } = await run(
    ["docker", "restart", "--time", "20", `dualstack-safe-${name}`],
    await environment(),
  );
  if (code !== 0) throw new Error(output);
}
