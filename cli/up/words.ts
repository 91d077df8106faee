/** A run in words: one line for each thing that happened, and the end. */
import pc from "picocolors";
import { resultTable } from "../../live/results";
import type { Ending } from "./ending";
import type { Notice } from "./progress";
import { duration } from "./screen";

const MOST = 10;

/** `worker-1 system: done, 12 s`; undefined for what is no news on a plain line. */
export function noticeLine({ host, step, state, seconds, line }: Notice): string | undefined {
  const who = step === undefined ? host : `${host} ${step}`;
  if (line !== undefined) return `${who}: ${line}`;
  if (state === "unchanged" || state === "waiting" || state === "running") return undefined;
  return `${who}: ${state}${seconds === undefined ? "" : `, ${duration(seconds)}`}`;
}

export function endingText(name: string, operation: "up" | "destroy", ending: Ending): string {
  const { hosts, result, seconds, errors, checks, next } = ending;
  const list = (title: string, names: readonly string[]) => (names.length === 0 ? [] : [`  ${title}: ${some(names)}`]);
  const failures = hosts.failed.map(
    ({ host, step, error }) => `  ${pc.red(`${host}, step ${step}`)}\n${indented(error)}`,
  );
  const paint = result === "succeeded" ? pc.green : pc.red;
  const done = operation === "up" ? "is live" : "is gone";
  return [
    ...(checks.length > 0 && operation === "up" ? [resultTable(checks)] : []),
    paint(`${name} ${result === "succeeded" ? done : `${operation} ${result}`}`) +
      pc.dim(` after ${duration(seconds)}`),
    ...list("changed", hosts.done),
    ...list("unchanged", hosts.unchanged),
    ...list("removed", hosts.removed),
    ...list("not reached, or not to the end", hosts.left),
    ...failures,
    ...errors.map((error) => indented(error, pc.red)),
    ...(next === undefined ? [] : [`${pc.bold("next")}: ${next}`]),
    "",
  ].join("\n");
}

function some(names: readonly string[]): string {
  const more = names.length > MOST ? ` and ${names.length - MOST} more` : "";
  return `${names.length === 1 ? "" : `${names.length} hosts: `}${names.slice(0, MOST).join(", ")}${more}`;
}

function indented(text: string, paint = (line: string) => line): string {
  return text
    .split("\n")
    .map((line) => `    ${paint(line)}`)
    .join("\n");
}
