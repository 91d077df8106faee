/**
 * Runs `pulumi` and follows its events: by the log that the Automation API follows, too, but in a process group of its own (so
 * that Ctrl-C reaches it once, when we say so), with its output in a file (so that it goes on when we are killed), and without that
 * API's further readings of the state after every run.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineEvent, EventLog } from "./events";

export interface Ended {
  /** Exit code; 128 and more: ended by a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Run {
  readonly ended: Promise<Ended>;
  /** The first time asks the engine to let running steps finish, save the state and end; the second kills it with all that it started. */
  interrupt(): void;
}

/** A project of Pulumi: where its Pulumi.yaml is, and the stack. */
export interface Target {
  readonly root: string;
  readonly stack: string;
}

/** Steps wait for hosts, not for this machine. */
const PARALLEL = "64";

/** `pulumi OPERATION` with its events; `env` is added to the environment. */
export function runEngine(
  target: Target,
  operation: readonly string[],
  env: Readonly<Record<string, string>>,
  take: (event: EngineEvent) => void,
): Run {
  // mode 0700: events hold no secret value, but the texts of all steps
  const folder = mkdtempSync(join(tmpdir(), "dualstack-"));
  const [events, stdout, stderr] = ["events", "stdout", "stderr"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(events, "");
  const log = new EventLog(events, take);
  const files = [openSync(stdout, "w"), openSync(stderr, "w")] as const;
  const args = [...operation, "--parallel", PARALLEL, "--event-log", events];
  // --event-log is one of the engine's commands for debugging
  const child = start(target, args, { ...env, PULUMI_DEBUG_COMMANDS: "true" }, files);
  files.forEach(closeSync);
  let interrupts = 0;
  const ended = exit(child)
    .then((code) => ({ code, stdout: readFileSync(stdout, "utf8"), stderr: readFileSync(stderr, "utf8") }))
    .finally(() => {
      log.stop();
      rmSync(folder, { recursive: true, force: true });
    });
  const interrupt = () => {
    if (interrupts++ === 0) child.kill("SIGINT");
    else if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  return { ended, interrupt };
}

/** `pulumi ARGS` to its end. */
export async function pulumi(target: Target, ...args: string[]): Promise<Ended> {
  const child = start(target, args, {}, ["pipe", "pipe"]);
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const code = await exit(child);
  return { code, ...said };
}

function start(
  { root, stack }: Target,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  [stdout, stderr]: readonly ["pipe" | number, "pipe" | number],
): ChildProcess {
  return spawn("pulumi", [...args, "--stack", stack, "--non-interactive", "--color", "never"], {
    cwd: root,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true", ...env },
    detached: true,
    stdio: ["ignore", stdout, stderr],
  });
}

function exit(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      const missing = "there is no `pulumi` on PATH; install the Pulumi CLI (pulumi.com/docs/install)";
      reject(new Error(error.code === "ENOENT" ? missing : `pulumi cannot be run: ${error.message}`));
    });
    child.once("close", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 130)));
  });
}
