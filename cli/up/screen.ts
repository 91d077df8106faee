/** Hosts and their steps while they work: a table that moves on a terminal. */
import pc from "picocolors";
import type { StepName } from "../../hosts/document";
import { type Progress, STEPS, type State, stateOf, type Work } from "./progress";

const MARKS: { readonly [S in State]: string } = {
  waiting: "·",
  running: "▸",
  done: "✓",
  unchanged: "=",
  failed: "✗",
  removed: "−",
};

const PAINT: { readonly [S in State]: (text: string) => string } = {
  waiting: pc.dim,
  running: pc.cyan,
  done: pc.green,
  unchanged: pc.dim,
  failed: pc.red,
  removed: pc.yellow,
};

/** `12 s`, `3 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** The lines to show on `rows` lines at `now`: who failed or works first, when there is no room for all. */
export function screen(progress: Progress, title: string, now: number, rows: number): string[] {
  const hosts = [...progress.hosts].map(([name, steps]) => ({ name, steps, state: stateOf(steps) }));
  const room = Math.max(3, rows - progress.cluster.size - 4);
  const first = (state: State) => ["failed", "running"].indexOf(state) >>> 0;
  const shown =
    hosts.length <= room ? hosts : [...hosts].sort((a, b) => first(a.state) - first(b.state)).slice(0, room);
  const width = Math.max(...shown.map(({ name }) => name.length), 0);
  const lines = shown.map(({ name, steps }) => `${name.padEnd(width)}  ${cells(steps, now)}`);
  const rest = hosts.length - shown.length;
  const cluster = [...progress.cluster].map(([name, work]) => `${pc.dim("cluster")}  ${cell(name, work, now)}`);
  const all = [`${title}: ${counts(hosts.map(({ state }) => state))}`, ...lines];
  if (rest > 0) all.push(pc.dim(`... and ${rest} hosts more`));
  const most = Math.max(0, rows - all.length - 2);
  return [...all, ...cluster.slice(Math.max(0, cluster.length - most))];
}

function counts(states: readonly State[]): string {
  const words: readonly [State, string][] = [
    ["failed", "failed"],
    ["running", "at work"],
    ["waiting", "waiting"],
    ["done", "done"],
    ["unchanged", "unchanged"],
    ["removed", "removed"],
  ];
  const count = (state: State) => states.filter((one) => one === state).length;
  const told = words.flatMap(([state, word]) => (count(state) > 0 ? [PAINT[state](`${count(state)} ${word}`)] : []));
  return `${states.length} ${states.length === 1 ? "host" : "hosts"}: ${told.join(", ")}`;
}

function cells(steps: Readonly<Record<StepName, Work>>, now: number): string {
  const running = STEPS.map((step) => steps[step]).find(({ state }) => state === "running");
  const shown = STEPS.map((step) => cell(step, steps[step], now));
  return [...shown, ...(running?.line === undefined ? [] : [pc.dim(running.line)])].join("  ");
}

function cell(name: string, { state, since, seconds }: Work, now: number): string {
  const passed = state === "running" && since !== undefined ? (now - since) / 1000 : seconds;
  const time = passed === undefined ? "" : ` ${duration(passed)}`;
  return PAINT[state](`${MARKS[state]} ${name}${time}`);
}

/** Draws again in place, five times a second. */
export class Screen {
  private drawn = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly lines: (rows: number) => readonly string[],
  ) {
    this.timer = setInterval(() => this.draw(), 200);
  }

  draw(): void {
    const lines = this.lines(this.stream.rows ?? 24);
    // without wrapping: the terminal cuts what is too long
    const text = lines.map((line) => `${line}\x1b[K\n`).join("");
    this.stream.write(`\x1b[?7l${this.back()}${text}\x1b[J\x1b[?7h`);
    this.drawn = lines.length;
  }

  /** A line that stays, above what moves. */
  say(text: string): void {
    this.stream.write(`${this.back()}\x1b[J${text}\n`);
    this.drawn = 0;
    this.draw();
  }

  /** Leaves the last picture as it is. */
  stop(): void {
    clearInterval(this.timer);
    this.draw();
  }

  private back(): string {
    return this.drawn > 0 ? `\x1b[${this.drawn}A\r` : "";
  }
}
