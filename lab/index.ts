/** The lab: everything that `pulumi up` of `stacks/lab.yaml` needs, made on this machine, looked at, and taken away again. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ClusterSpec, loadSpec } from "../spec";
import { type Docker, dockerToClean, findDocker, startDocker, stopOwnDocker } from "./docker";
import { hostImage, removeHostImages } from "./host-image";
import { containerOf, ensureHost, type State, stateOf, waitForSsh } from "./hosts";
import { makeKeys } from "./keys";
import { type Log, seconds } from "./log";
import { lanOf, type Machine, machinesOf } from "./machines";
import { ensureNetwork } from "./network";
import { nobodyLeft, owned, refuseForeign } from "./owner";
import { announceOn } from "./packages";
import { CHECKOUT, LAB_FOLDER } from "./paths";
import { findPulumi, type Pulumi } from "./pulumi";
import { makeStage } from "./stage";

export { createLog, type Log } from "./log";
export { CHECKOUT, LAB_FOLDER } from "./paths";

/** The lab's spec; Pulumi's stack has the same name. */
export const LAB_SPEC = join(CHECKOUT, "stacks/lab.yaml");

/** A lab that is up. */
export interface Lab {
  readonly spec: ClusterSpec;
  readonly machines: readonly Machine[];
  readonly docker: Docker;
  readonly pulumi: Pulumi;
  /** What plain `pulumi`, `kubectl` and `docker` commands need in their environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes what is missing of the lab and starts what stopped; a second call finds everything. */
export async function labUp(log: Log): Promise<Lab> {
  announceOn(log);
  await makeKeys(LAB_SPEC);
  const { spec } = loadSpec(LAB_SPEC);
  const { install, version } = spec.kubernetes;
  if (install.from !== "folder")
    throw new Error(`${LAB_SPEC}: a lab installs from a folder (kubernetes.install.folder)`);
  const machines = machinesOf(spec);
  const lan = lanOf(spec);
  const docker = await startDocker(log);
  await refuseForeign(docker);
  const [image, { stage, pulumi }] = await Promise.all([
    hostImage(log, docker),
    inTurn(
      () => makeStage(log, docker, version, { flannel: spec.cni.version, probe: spec.verification.image }),
      () => findPulumi(log),
    ),
  ]);
  await ensureNetwork(log, docker, lan);
  await log.during("hosts", () =>
    Promise.all(machines.map((machine) => bringUp(log, docker, machine, { image, stage, stageAt: install.path, lan }))),
  );
  return { spec, machines, docker, pulumi, env: environment(docker, pulumi) };
}

async function bringUp(
  log: Log,
  docker: Docker,
  machine: Machine,
  ground: Parameters<typeof ensureHost>[2],
): Promise<void> {
  const start = Date.now();
  const change = await ensureHost(docker, machine, ground);
  await waitForSsh(machine);
  log.line(
    `host ${machine.name} (${machine.addresses.ipv4}): ${change === "none" ? "is running" : change}, ${seconds(start)}`,
  );
}

/** Programs are built one after the other: each build uses every processor. */
async function inTurn(
  makeStage: () => Promise<string>,
  findPulumi: () => Promise<Pulumi>,
): Promise<{ stage: string; pulumi: Pulumi }> {
  const stage = await makeStage();
  return { stage, pulumi: await findPulumi() };
}

/** What of the lab is there. */
export interface LabStatus {
  readonly docker: { readonly host: string | undefined; readonly own: boolean } | undefined;
  readonly hosts: readonly {
    readonly name: string;
    readonly container: string;
    readonly role: string;
    readonly state: State;
    readonly ipv4: string;
    readonly ipv6: string;
  }[];
}

/** Looks at the lab without changing anything. */
export async function labStatus(): Promise<LabStatus> {
  const docker = await findDocker();
  if (!existsSync(LAB_FOLDER)) return { docker: docker && { host: docker.host, own: docker.own }, hosts: [] };
  const { spec } = loadSpec(LAB_SPEC);
  const hosts = machinesOf(spec).map(async ({ name, role, addresses }) => ({
    name,
    role,
    container: containerOf(name),
    state: docker ? await stateOf(docker, name) : ("missing" as const),
    ipv4: `${addresses.ipv4}`,
    ipv6: `${addresses.ipv6}`,
  }));
  return { docker: docker && { host: docker.host, own: docker.own }, hosts: await Promise.all(hosts) };
}

/** Takes away all that the lab made, except the cache of programs and images. */
export async function labDown(log: Log): Promise<void> {
  announceOn(log);
  const docker = await dockerToClean(log);
  if (docker) {
    for (const container of await owned(docker, "container")) {
      await docker.run(["rm", "--force", "--volumes", container]);
      log.line(`container ${container}: removed`);
    }
    for (const volume of await owned(docker, "volume")) await docker.run(["volume", "rm", "--force", volume]);
    for (const network of await owned(docker, "network")) await docker.run(["network", "rm", network]);
    if (await nobodyLeft(docker)) await removeHostImages(docker);
  }
  if (!docker || (docker.own && (await nobodyLeft(docker)))) {
    if (await stopOwnDocker()) log.line("the lab's own Docker daemon: stopped, its folders removed");
  }
  rmSync(LAB_FOLDER, { recursive: true, force: true });
  log.line("nothing of the lab is left (programs and images stay in the cache for the next one)");
}

/** The environment of the lab for a shell, without starting anything that is not there yet. */
export async function labEnv(log: Log): Promise<Record<string, string>> {
  const docker = await findDocker();
  if (!docker) throw new Error("the lab is not up: `npm start` or `bin/dualstack.js lab up` first");
  return environment(docker, await findPulumi(log));
}

function environment(docker: Docker, pulumi: Pulumi): Record<string, string> {
  return { ...pulumi.env, ...(docker.host === undefined ? {} : { DOCKER_HOST: docker.host }) };
}
