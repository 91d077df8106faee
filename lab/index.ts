/** Labs: everything that `pulumi up` of a spec needs, made on this machine, looked at, and taken away again. */
import { mkdirSync, rmSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { type ClusterSpec, type Kind as InKind, loadSpec } from "../spec";
import { obtain } from "./artefact";
import { networkManagerArtefact } from "./build/network-manager";
import { type Docker, dockerToClean, findDocker, startDocker, stopOwnDocker } from "./docker";
import { helmFor } from "./helm";
import { type Home, readLabSpec } from "./home";
import { hostImage, removeHostImages } from "./host-image";
import { ensureHost, type Ground, waitForSsh } from "./hosts";
import { makeKeys } from "./keys";
import { ensureNodeImage, findKind, kindDocker, removeKind } from "./kind";
import { raiseLimit, restoreLimit } from "./limits";
import { type Log, seconds } from "./log";
import { lansOf, type Machine, machinesOf } from "./machines";
import { ensureNetwork } from "./network";
import { isOurs, type Kind, nobodyLeft, refuseForeign, type Thing, thingsOf } from "./owner";
import { announceOn } from "./packages";
import { CHECKOUT, LABS_FOLDER } from "./paths";
import { findPulumi, type Pulumi } from "./pulumi";
import { makeStage } from "./stage";
import { dropStaged, keepStaged } from "./staged";
import { inTurn } from "./turns";
import { provideUpstream } from "./upstream";
import { machineGround } from "./vm-image";

export type { Home } from "./home";
export { createLog, type Log } from "./log";
export { CHECKOUT } from "./paths";
export { prune } from "./prune";
export { type LabStatus, labStatus } from "./status";

/** The spec of `npm start`. */
export const LAB_SPEC = join(CHECKOUT, "stacks/lab.yaml");

/** A lab that is up. */
export interface Lab {
  readonly home: Home;
  readonly spec: ClusterSpec;
  readonly machines: readonly Machine[];
  readonly docker: Docker;
  readonly pulumi: Pulumi;
  /** What plain `pulumi`, `kubectl` and `docker` commands need in their environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Makes what is missing of the lab of the spec `file` and starts what stopped; a second call finds everything. Throws SpecError or Error. */
export async function labUp(log: Log, file = LAB_SPEC): Promise<Lab> {
  announceOn(log);
  const { home, spec: draft } = readLabSpec(file);
  if (draft.kind !== undefined) return kindUp(log, file, home, draft, draft.kind);
  const machines = machinesOf(draft);
  const lans = lansOf(draft);
  const { install } = draft.kubernetes;
  if (install.from !== "folder") throw new Error(`${file}: a lab installs from a folder (kubernetes.install.folder)`);
  await makeKeys(home, machines);
  const { spec } = loadSpec(file);
  const docker = await inTurn(async () => {
    const daemon = await startDocker(log);
    await refuseForeign(daemon, home);
    raiseLimit(log);
    for (const lan of lans) await ensureNetwork(log, daemon, home, lan); // from now on the daemon has somebody to stay for
    return daemon;
  });
  const prepare = async () => {
    // one after the other: each build uses every processor
    await provideUpstream(log, spec); // first: what no add-on has, such as a release that is not known, it says
    const staged = await makeStage(log, docker, spec);
    const stage = await keepStaged(home, staged);
    const reader = machines.some(({ service }) => service === "ifcfg") && networkManagerArtefact(log, docker);
    const readers = reader ? { ifcfgReader: await obtain(log, reader) } : {};
    const virtual = machines.some((machine) => machine.virtual !== undefined);
    const made = virtual ? { machines: await machineGround(log, docker, staged) } : {};
    const programs = await helmFor(log, spec);
    return { stage, more: { ...readers, ...made }, programs, pulumi: await findPulumi(log, home, resolve(file)) };
  };
  const [image, { stage, more, programs, pulumi }] = await Promise.all([hostImage(log, docker), prepare()]);
  const ground = { home, image, stage, stageAt: install.path, lan: lans[0]!, ...more };
  await log.during("hosts", () => Promise.all(machines.map((machine) => bringUp(log, docker, machine, ground))));
  return { home, spec, machines, docker, pulumi, env: environment(docker, pulumi, programs) };
}

/** In kind there are no hosts: kind makes the nodes. */
async function kindUp(log: Log, file: string, home: Home, spec: ClusterSpec, kind: InKind): Promise<Lab> {
  mkdirSync(home.folder, { recursive: true });
  const docker = await kindDocker(log, home, kind);
  await provideUpstream(log, spec);
  await ensureNodeImage(log, docker, spec, kind);
  const programs = [...(await findKind(log)), ...(await helmFor(log, spec))];
  const pulumi = await findPulumi(log, home, resolve(file));
  return { home, spec, machines: [], docker, pulumi, env: environment(docker, pulumi, programs) };
}

async function bringUp(log: Log, docker: Docker, machine: Machine, ground: Ground): Promise<void> {
  const start = Date.now();
  const change = await ensureHost(docker, machine, ground);
  await waitForSsh(docker, ground.home, machine);
  log.line(
    `host ${machine.name} (${machine.reached}): ${change === "none" ? "is running" : change}, ${seconds(start)}`,
  );
}

/** Takes away all that the lab of the spec `file` made, except the cache of programs and images. Throws SpecError or Error. */
export async function labDown(log: Log, file = LAB_SPEC): Promise<void> {
  const { home } = readLabSpec(file);
  await takeAway(log, ({ lab }) => lab === home.name);
  rmSync(home.folder, { recursive: true, force: true });
  log.line(`nothing of the lab ${home.name} is left (programs and images stay in the cache for the next one)`);
}

/** Takes away every lab of this checkout, and those whose checkout is gone. */
export async function labDownAll(log: Log): Promise<void> {
  await takeAway(log, () => true);
  rmSync(LABS_FOLDER, { recursive: true, force: true });
  log.line("no lab of this checkout is left (programs and images stay in the cache for the next one)");
}

/** Removes those of our things that are `meant`; the lab's own daemon stops with the last lab of all. */
async function takeAway(log: Log, meant: (thing: Thing) => boolean): Promise<void> {
  announceOn(log);
  await inTurn(async () => {
    const docker = await dockerToClean(log);
    const names = async (kind: Kind) =>
      docker
        ? (await thingsOf(docker, kind)).filter((thing) => isOurs(thing) && meant(thing)).map(({ name }) => name)
        : [];
    const marks = docker ? (await thingsOf(docker, "volume")).filter((thing) => isOurs(thing) && meant(thing)) : [];
    for (const mark of marks) await removeKind(docker!, mark);
    for (const container of await names("container")) {
      await docker?.run(["rm", "--force", "--volumes", container]);
      log.line(`container ${container}: removed`);
    }
    for (const volume of await names("volume")) await docker?.run(["volume", "rm", "--force", volume]);
    const labs = docker ? (await thingsOf(docker, "network")).filter((thing) => isOurs(thing) && meant(thing)) : [];
    for (const network of await names("network")) await docker?.run(["network", "rm", network]);
    for (const { lab } of labs) dropStaged(lab);
    if (docker && !(await nobodyLeft(docker))) return;
    if (docker) await removeHostImages(docker);
    restoreLimit();
    if ((!docker || docker.own) && (await stopOwnDocker()))
      log.line("the labs' own Docker daemon: stopped with the last lab, its folders removed");
  });
}

/** The environment of the lab of the spec `file` for a shell, without starting anything that is not there yet. Throws SpecError or Error. */
export async function labEnv(log: Log, file = LAB_SPEC): Promise<Record<string, string>> {
  const { home, spec } = readLabSpec(file);
  const docker = await findDocker();
  const things = docker ? await thingsOf(docker, spec.kind === undefined ? "network" : "volume") : [];
  if (!docker || !things.some(({ lab, checkout }) => lab === home.name && checkout === CHECKOUT))
    throw new Error(`the lab ${home.name} is not up: \`dualstack lab up ${file === LAB_SPEC ? "" : file}\` first`);
  const kind = spec.kind === undefined ? [] : await findKind(log);
  const programs = [...kind, ...(await helmFor(log, spec))];
  return environment(docker, await findPulumi(log, home, resolve(file)), programs);
}

function environment(docker: Docker, pulumi: Pulumi, programs: readonly string[] = []): Record<string, string> {
  const path = [...programs, pulumi.env.PATH].join(delimiter);
  return { ...pulumi.env, PATH: path, ...(docker.host === undefined ? {} : { DOCKER_HOST: docker.host }) };
}
