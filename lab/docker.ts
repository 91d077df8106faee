/**
 * The Docker daemon of the lab: one that runs already, else a daemon of our own with folders of its own, which outlives
 * the command and is stopped by `lab down`. Our own touches no firewall rule, no forwarding switch and no docker0.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { obtain } from "./artefact";
import { goArtefact } from "./build/go";
import { runtimeProgram } from "./build/programs";
import type { Log } from "./log";
import { needPrograms, which } from "./packages";
import { CACHE } from "./paths";
import { type RunOptions, run, succeeds } from "./run";

/** A daemon that answers. */
export interface Docker {
  /** Value of DOCKER_HOST; undefined: the docker command finds it by itself. */
  readonly host: string | undefined;
  /** Ours to stop and to remove. */
  readonly own: boolean;
  /** Runs the docker command and gives its standard output. */
  run(args: readonly string[], options?: RunOptions): Promise<string>;
}

const RUNTIME_FOLDER = "/run/dualstack-lab";
const PID_FILE = join(RUNTIME_FOLDER, "docker.pid");
const LOG_FILE = join(RUNTIME_FOLDER, "docker.log");
const DATA_FOLDER = join(CACHE, "docker");
/** The containerd that our daemon starts, which may outlive it by a while. */
const CONTAINERD = join(RUNTIME_FOLDER, "exec/containerd");
const CONTAINERD_CONFIG = join(CONTAINERD, "containerd.toml");
const CGROUP = "/dualstack-lab";
const OWN_HOST = `unix://${RUNTIME_FOLDER}/docker.sock`;

/** The daemon of the lab, if one runs. */
export async function findDocker(): Promise<Docker | undefined> {
  if (which("docker") === undefined) return undefined;
  for (const host of [OWN_HOST, undefined]) {
    if (host === OWN_HOST && ownPid() === undefined) continue;
    if (await succeeds("docker", ["info"], { env: hostVariable(host) })) return dockerAt(host);
  }
  return undefined;
}

/** The daemon of the lab, installed and started where none runs. */
export async function startDocker(log: Log): Promise<Docker> {
  const running = await findDocker();
  if (running) return announce(log, running, "is running");
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error(
      "no Docker daemon answers (`docker info`): start Docker, or set DOCKER_HOST; as root on Linux the lab starts a daemon of its own",
    );
  }
  await needPrograms("dockerd", "docker", "runc");
  const installed = await findDocker(); // the package starts its daemon where systemd runs
  if (installed) return announce(log, installed, "was started by its package");
  return startOwn(log);
}

/** The lab's daemon for taking things away: our own is started again where it died and left containers behind. */
export async function dockerToClean(log: Log): Promise<Docker | undefined> {
  return existsSync(DATA_FOLDER) && ownPid() === undefined ? startOwn(log) : findDocker();
}

/** Ends our own daemon, if it runs, and removes its folders, wherever the cache was when it was started. */
export async function stopOwnDocker(): Promise<boolean> {
  const folders = [RUNTIME_FOLDER, DATA_FOLDER];
  const pid = ownPid();
  if (pid !== undefined) {
    folders.push(await dockerAt(OWN_HOST).run(["info", "--format", "{{.DockerRootDir}}"]));
    process.kill(pid, "SIGTERM");
    // the process itself: its file is gone before it is
    if (!(await ends(pid, OWN_HOST)))
      throw new Error(`the lab's Docker daemon (process ${pid}) does not end after 30 s; its log: ${LOG_FILE}`);
  }
  await stopContainerd();
  const there = folders.some((folder) => existsSync(folder));
  await unmountBelow(folders);
  await run("find", [
    "/sys/fs/cgroup",
    "-ignore_readdir_race",
    "-depth",
    "-type",
    "d",
    "-path",
    `*${CGROUP}*`,
    "-delete",
  ]);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  return there;
}

/** A daemon that follows would take one that is about to end, or that hangs, for its own. */
async function stopContainerd(): Promise<void> {
  const pid = pidIn(join(CONTAINERD, "containerd.pid"));
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (pid === undefined || !lives(pid, CONTAINERD_CONFIG)) return;
    process.kill(pid, signal);
    if (await ends(pid, CONTAINERD_CONFIG)) return;
  }
  throw new Error(`the containerd of the lab's Docker daemon (process ${pid}) does not end`);
}

async function startOwn(log: Log): Promise<Docker> {
  const wrapper = lacksSysResource() ? await obtain(log, goArtefact(runtimeProgram())) : undefined;
  await log.during("docker", () => launch(wrapper && join(wrapper, runtimeProgram().name)));
  const why = wrapper ? "; CAP_SYS_RESOURCE is missing here, so runc runs behind a wrapper" : "";
  return announce(log, dockerAt(OWN_HOST), `none ran, so the lab started one of its own${why}`);
}

/** Starts dockerd so that it outlives this process, and waits until it answers. */
async function launch(runtime: string | undefined): Promise<void> {
  mkdirSync(RUNTIME_FOLDER, { recursive: true, mode: 0o700 });
  rmSync(PID_FILE, { force: true });
  const folders = ["--data-root", DATA_FOLDER, "--exec-root", join(RUNTIME_FOLDER, "exec"), "--pidfile", PID_FILE];
  const groups = ["--cgroup-parent", CGROUP];
  const network = ["--bridge", "none", "--iptables=false", "--ip-masq=false", "--ip-forward=false"];
  const runtimes = runtime ? ["--add-runtime", `dualstack=${runtime}`, "--default-runtime", "dualstack"] : [];
  const log = openSync(LOG_FILE, "w");
  const daemon = spawn(which("dockerd")!, ["--host", OWN_HOST, ...folders, ...groups, ...network, ...runtimes], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` },
  });
  let ended: string | undefined;
  daemon.on("error", (error) => {
    ended = error.message;
  });
  daemon.on("exit", (code) => {
    ended = `it ended with ${code}`;
  });
  daemon.unref();
  for (let waited = 0; !(await succeeds("docker", ["info"], { env: hostVariable(OWN_HOST) })); waited++) {
    const tail = () => readFileSync(LOG_FILE, "utf8").trim().split("\n").slice(-5).join("\n  ");
    if (ended !== undefined) await stopContainerd();
    if (ended !== undefined || waited > 150)
      throw new Error(`the lab's Docker daemon did not start (${ended ?? "no answer in 30 s"}):\n  ${tail()}`);
    await sleep(200);
  }
}

/** The process id of our own daemon while it lives. */
function ownPid(): number | undefined {
  const pid = pidIn(PID_FILE);
  return pid !== undefined && lives(pid, OWN_HOST) ? pid : undefined;
}

function pidIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return undefined; // it may go at any moment
  }
}

/** Whether a process lives whose command line has this word: a recycled number is not taken for it. */
function lives(pid: number, word: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(word);
  } catch {
    return false;
  }
}

/** Waits up to 30 s until a process is gone. */
async function ends(pid: number, word: string): Promise<boolean> {
  for (let waited = 0; waited < 150; waited++) {
    if (!lives(pid, word)) return true;
    await sleep(200);
  }
  return false;
}

/** CAP_SYS_RESOURCE is capability number 24; without it runc cannot give all capabilities to a privileged container. */
function lacksSysResource(): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return (BigInt(`0x${bounding}`) & (1n << 24n)) === 0n;
}

async function unmountBelow(folders: readonly string[]): Promise<void> {
  const isBelow = (path: string) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  const mounted = () =>
    readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[1] ?? "");
  for (const path of mounted().filter(isBelow).reverse()) {
    await run("umount", ["--lazy", path]).catch((error: Error) => {
      if (mounted().includes(path)) throw error; // else somebody was faster
    });
  }
}

function dockerAt(host: string | undefined): Docker {
  const env = hostVariable(host);
  return {
    host,
    own: host === OWN_HOST,
    run: (args, options) => run("docker", args, { ...options, env: { ...options?.env, ...env } }),
  };
}

function hostVariable(host: string | undefined): Record<string, string> {
  return host === undefined ? {} : { DOCKER_HOST: host };
}

async function announce(log: Log, docker: Docker, how: string): Promise<Docker> {
  const version = await docker.run(["version", "--format", "{{.Server.Version}}"]);
  log.line(`docker ${version}: ${docker.own && how === "is running" ? "the lab's own daemon is running" : how}`);
  return docker;
}
