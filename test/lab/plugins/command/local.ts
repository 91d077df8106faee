/** `command:local:Command`: its inputs, and one command by the shell of this machine. */
import { spawn } from "node:child_process";
import type { Log } from "../engine/log";
import type { Checked } from "../engine/plugin";
import { type Props, revealProps } from "../engine/wire";
import { type CommandInputs, typeFailures } from "./inputs";
import { collect, environment, type Printed } from "./run";

export const LOCAL = "command:local:Command";

export type LocalInputs = Omit<CommandInputs, "connection">;

/** A connection is none of its inputs. */
export function checkLocal(news: Props): Checked {
  const failures = Object.entries(revealProps(news)).flatMap(([property, value]) =>
    property === "connection" ? [{ property, reason: "a local command has none" }] : typeFailures(property, value),
  );
  return { inputs: news, failures };
}

/** Runs `command` by /bin/sh, as the official plugin does. A failed command is an error with what it printed. */
export async function runLocal(
  command: string,
  inputs: LocalInputs,
  before: Printed,
  log: (line: string) => ReturnType<Log>,
  cancelled: AbortSignal,
): Promise<Printed> {
  const env = { ...process.env, ...environment(inputs, before) };
  const child = spawn("/bin/sh", ["-c", command], { env, signal: cancelled });
  const { logging } = inputs;
  const stdout = collect(child.stdout, logging === "stderr" || logging === "none" ? undefined : log);
  const stderr = collect(child.stderr, logging === "stdout" || logging === "none" ? undefined : log);
  child.stdin.on("error", () => {}); // a command that reads less is no fault: the exit code decides
  child.stdin.end(inputs.stdin ?? "");
  const code = await new Promise<number | null>((done, fail) => child.once("error", fail).once("close", done));
  await Promise.all([stdout.logged(), stderr.logged()]);
  if (code !== 0) {
    const problem = code === null ? "killed" : `exit status ${code}`;
    throw new Error(`${problem}: running ${JSON.stringify(command)}:\n${stdout.text()}${stderr.text()}`);
  }
  return { stdout: stdout.text().replace(/\n$/, ""), stderr: stderr.text().replace(/\n$/, "") };
}
