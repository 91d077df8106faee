/** Brings drifted hosts back: the same steps, by the same scripts, that `pulumi up` runs, on the hosts that need it and no others. */
import { commandLine, STEP_SECONDS } from "../hosts/command-line";
import { print, type Step } from "../hosts/document";
import { withAuthority } from "../hosts/kubeadm";
import type { Drift, HostDrift } from "../plan/drift";
import { joinsCluster } from "../plan/drift";
import type { ClusterPlan, HostPlan } from "../plan/plan";
import { readKubeconfig } from "./cluster";
import { applyNetwork, confirmNetwork } from "./confirm";
import { HOSTS_AT_ONCE, inParallel } from "./parallel";
import { Connection, type Credentials, nameOf } from "./ssh";

export interface RepairOptions {
  readonly plan: ClusterPlan;
  readonly drift: readonly HostDrift[];
  /** Certificate (PEM) of the cluster's CA; undefined when the first control plane could not say. */
  readonly authority: string | undefined;
  readonly credentials: Credentials;
  /** Told what a step says, and what goes wrong, with the host's name. */
  readonly onProgress: (line: string) => void;
}

/** Minutes in which a host that was never in the cluster must have joined. */
const ADMISSION = 15;

/**
 * Runs the steps of every drifted host: control planes one after the other, then one worker, then the others, so that a mistake that
 * cuts off hosts meets one of them first. Where a host runs another release of Kubernetes, such as after an upgrade that was cut off,
 * its node is drained: then all go one after the other. A change of the network goes back by itself unless new connections confirm it. Gives the
 * names of the hosts whose steps failed.
 */
export async function repair(options: RepairOptions): Promise<string[]> {
  const { plan, drift } = options;
  const drifted = new Map(drift.flatMap((one) => (one.state === "drifted" ? [[one.host, one] as const] : [])));
  const hosts = plan.hosts.filter(({ host }) => drifted.has(host.name));
  const planes = hosts.filter(({ host }) => host.role === "control-plane");
  const all = hosts.filter(({ host }) => host.role === "worker");
  const isUpgrade = [...drifted.values()].some((one) => one.drift.some(isOtherRelease));
  const pilots = isUpgrade ? all : all.slice(0, 1);
  const workers = all.slice(pilots.length);
  const failed: string[] = [];
  const one = async (host: HostPlan) => {
    const { name } = host.host;
    const told = new Set<string>();
    const say = (line: string) => {
      told.add(plain(line));
      options.onProgress(`${name}: ${plain(line)}`);
    };
    await repairHost(host, drifted.get(name)!, options, say).catch((error: Error) => {
      // a failed network step has said most of its error already
      for (const line of error.message.split("\n")) if (!told.has(plain(line))) say(line);
      failed.push(name);
    });
  };
  const inTurn = [...planes, ...pilots];
  while (inTurn.length > 0 && !(isUpgrade && failed.length > 0)) await one(inTurn.shift()!);
  const left = [...inTurn, ...workers].map(({ host }) => host.name);
  if (failed.length > 0 && left.length > 0) {
    options.onProgress(`not touched, since ${failed.join(", ")} failed: ${left.join(", ")}`);
    return [...failed, ...left];
  }
  await inParallel(HOSTS_AT_ONCE, workers, one);
  return failed;
}

/** A kubelet that is there, and of another release. */
function isOtherRelease({ kind, name, found }: Drift): boolean {
  return kind === "version" && name === "kubelet" && found.startsWith("v");
}

async function repairHost(
  each: HostPlan,
  { drift }: HostDrift,
  options: RepairOptions,
  say: (line: string) => void,
): Promise<void> {
  const { host, network, system } = each;
  const { credentials } = options;
  const kubernetes = joinStepOf(each, options.authority);
  const waiting = await applyNetwork({ host, network, credentials, onProgress: say });
  if (waiting !== "") await confirmNetwork({ host, network, credentials });
  const token = await runStep(each, system, credentials, say);
  const isNew = drift.some(({ kind, step }) => kind === "step" && step === "kubernetes");
  if (isNew && joinsCluster(each)) await admit(options, host.name, token);
  await runStep(each, kubernetes, credentials, say);
}

function joinStepOf(each: HostPlan, authority: string | undefined): Step {
  if (!joinsCluster(each)) return each.kubernetes;
  if (authority !== undefined) return withAuthority(each.kubernetes, authority);
  throw new Error(
    "the first control plane does not show the cluster's CA, without which no host joins: repair it first",
  );
}

/** As components/worker.ts does before a join. */
async function admit({ plan, credentials }: RepairOptions, name: string, token: string): Promise<void> {
  const { Kubernetes } = require("./kubernetes") as typeof import("./kubernetes");
  const kubeconfig = await readKubeconfig(plan, credentials);
  await new Kubernetes(kubeconfig).admit(token, ADMISSION, `dualstack: join of ${name}`);
}

/** Without the host's own name, which every line has already. */
function plain(line: string): string {
  return line.replace(/^dualstack: \S+: /, "");
}

/** Runs a step over a connection of its own and gives what it printed; tells what the host says as it comes. Throws Error when it fails. */
async function runStep(
  { host }: HostPlan,
  step: Step,
  credentials: Credentials,
  say: (line: string) => void,
): Promise<string> {
  const connection = await Connection.open(host.ssh, credentials);
  try {
    const { code, stdout } = await connection.runLine(commandLine("apply", STEP_SECONDS), print(step), say);
    if (code !== 0) throw new Error(`step ${step.name} failed on ${nameOf(host.ssh)} (code ${code})`);
    return stdout.trim();
  } finally {
    connection.close();
  }
}
