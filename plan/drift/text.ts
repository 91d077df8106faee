/** Drift for people. Pure. */
import type { Hunk } from "../diff/lines";
import { type Drift, grouped, type HostDrift } from "./drift";

const MOST_LINES = 20;

/** Groups of equal differences with their hosts, then one line that counts. */
export function renderDrift(hosts: readonly HostDrift[]): string {
  const unreachable = hosts.filter(({ state }) => state === "unreachable");
  const drifted = hosts.filter(({ state }) => state === "drifted").length;
  const clean = hosts.length - drifted - unreachable.length;
  const counts = [
    `${clean} of ${hosts.length} hosts ${clean === 1 ? "is" : "are"} as planned`,
    ...(drifted > 0 ? [`${drifted} drifted`] : []),
    ...(unreachable.length > 0 ? [`${unreachable.length} could not be asked`] : []),
  ];
  return [
    ...grouped(hosts).map(({ hosts: names, drift }) => `${names.join(", ")}: ${describe(drift)}\n`),
    ...unreachable.map(({ host, problem }) => `${host}: not asked: ${problem}\n`),
    `${counts.join(", ")}\n`,
  ].join("");
}

function describe({ kind, name, planned, found, lines }: Drift): string {
  const what = `${kind} ${name}: planned ${planned}, found ${found}`;
  return lines === undefined
    ? what
    : [`${what} (- planned, + on the host)`, ...cut(lines.flatMap(hunkLines))].join("\n");
}

function hunkLines({ section, removed, added }: Hunk): string[] {
  const head = section === "" ? [] : [`      ${section}`];
  return [...head, ...removed.map((line) => `    - ${line}`), ...added.map((line) => `    + ${line}`)];
}

function cut(lines: readonly string[]): string[] {
  if (lines.length <= MOST_LINES) return [...lines];
  return [...lines.slice(0, MOST_LINES), `    ... and ${lines.length - MOST_LINES} more lines`];
}
