/** One run of the engine, watched: a table that moves on a terminal, plain lines elsewhere, or events for machines. */

import { type Ending, endingOf } from "./ending";
import { runEngine } from "./engine";
import type { Environment } from "./environment";
import { lockHeld } from "./locked";
import { Progress } from "./progress";
import { savesEveryStep } from "./saving";
import { Screen, screen } from "./screen";
import { endingText, noticeLine } from "./words";

export type Operation = "up" | "destroy";

const COMMANDS: { readonly [O in Operation]: readonly string[] } = {
  // hosts do not need each other, so one that fails stops only what waits for it
  up: ["up", "--yes", "--skip-preview", "--continue-on-error"],
  destroy: ["destroy", "--yes", "--skip-preview", "--continue-on-error"],
};

/** Runs, shows and reports `operation`, which changes so many `steps` of hosts; sets the exit code. */
export async function work(
  environment: Environment,
  operation: Operation,
  steps: number,
  json: boolean,
): Promise<void> {
  const { stack, spec } = environment;
  const names = spec.hosts.map(({ name }) => name);
  const progress = new Progress(names);
  const started = Date.now();
  const seconds = () => (Date.now() - started) / 1000;
  const show = watcher(progress, `${stack} ${operation}`, json, started);
  show.event({ event: "start", environment: stack, operation, hosts: names });
  const saves = savesEveryStep(spec, steps);
  const saving = saves ? {} : { PULUMI_SKIP_CHECKPOINTS: "true" };
  const run = runEngine(environment, COMMANDS[operation], saving, (event) => {
    for (const notice of progress.take(event, Date.now())) show.notice(notice);
  });
  let signals = 0;
  const stop = (signal: NodeJS.Signals) => {
    run.interrupt();
    show.event({ event: "interrupt", signal, kills: signals > 0 });
    show.say(signals++ === 0 ? STOPPING : "killed");
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  const { code, stdout, stderr } = await run.ended.finally(() => {
    for (const signal of SIGNALS) process.off(signal, stop);
    show.stop();
  });
  const ending = endingOf(progress, {
    ...how(stack, operation, code, signals, `${stdout}\n${stderr}`, saves),
    seconds: seconds(),
  });
  show.event({ event: "end", ...ending });
  if (!json) process.stdout.write(endingText(stack, operation, ending));
  process.exitCode = ending.exitCode;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const STOPPING = "stopping: the steps that run are let to their end, nothing new begins. Once more to kill them";

/** What an exit code of the engine means, and what to do next. */
function how(
  stack: string,
  operation: Operation,
  code: number,
  signals: number,
  output: string,
  saves: boolean,
): Pick<Ending, "result" | "exitCode" | "next"> {
  const again = `dualstack ${operation} ${stack}`;
  const locked = lockHeld(output, stack);
  if (locked !== undefined) return { result: "locked", exitCode: 1, next: locked };
  if (code === 0) return { result: "succeeded", exitCode: 0 };
  if (signals > 1 || code === 137) {
    const lost = saves ? "" : "; what this run did is not in the state, and is found on the hosts";
    return {
      result: "killed",
      exitCode: 137,
      next: `\`pulumi cancel --stack ${stack} --yes\`, then \`${again}\`${lost}`,
    };
  }
  if (signals > 0)
    return { result: "interrupted", exitCode: 130, next: `\`${again}\` goes on; what is done stays done` };
  if (/^\s*(error: )?refused: /m.test(output)) return { result: "refused", exitCode: 2 };
  return { result: "failed", exitCode: 1, next: `mend it, then \`${again}\`: what is done stays done` };
}

interface Watcher {
  notice(notice: Parameters<typeof noticeLine>[0]): void;
  /** For machines only. */
  event(event: object): void;
  /** For people only. */
  say(text: string): void;
  stop(): void;
}

function watcher(progress: Progress, title: string, json: boolean, started: number): Watcher {
  const nothing = () => {};
  if (json) {
    const event = (event: object) =>
      process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
    const kind = (notice: object) => ("line" in notice ? "line" : "step");
    return { notice: (notice) => event({ event: kind(notice), ...notice }), event, say: nothing, stop: nothing };
  }
  // a terminal that went away is no reason to end
  process.stderr.on("error", nothing);
  if (process.stderr.isTTY) {
    const seconds = () => Math.round((Date.now() - started) / 1000);
    const table = new Screen(process.stderr, (rows) => screen(progress, `${title}, ${seconds()} s`, Date.now(), rows));
    return { notice: nothing, event: nothing, say: (text) => table.say(text), stop: () => table.stop() };
  }
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const notice: Watcher["notice"] = (one) => {
    const line = noticeLine(one);
    if (line !== undefined) say(line);
  };
  return { notice, event: nothing, say, stop: nothing };
}
