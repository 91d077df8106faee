/** Results of checks: as data, and as a table for people. */
import Table from "cli-table3";
import pc from "picocolors";
import type { Check } from "../plan/checks";

export interface Result {
  readonly id: string;
  readonly title: string;
  readonly family?: string;
  readonly ok: boolean;
  /** What had to be. */
  readonly expected: string;
  /** What was there. */
  readonly found: string;
  /** Where to look; only of a failed check. */
  readonly look?: string;
  /** Time of the try that decided, in milliseconds. */
  readonly milliseconds: number;
  /** How often it was tried. */
  readonly tries: number;
}

/** The result of a check from the answer of its last try. */
export function result(
  check: Check,
  answer: { ok: boolean; expected: string; found: string },
  milliseconds: number,
  tries: number,
): Result {
  const { id, title, family, look } = check;
  return {
    id,
    title,
    ...(family && { family }),
    ...answer,
    ...(answer.ok ? {} : { look }),
    milliseconds: Math.round(milliseconds),
    tries,
  };
}

/** A table of all results; failed ones say what was expected, what came, and where to look. */
export function resultTable(results: readonly Result[]): string {
  const table = new Table({
    head: ["", "check", "family", "ms"],
    colAligns: ["left", "left", "left", "right"],
    style: { head: pc.isColorSupported ? ["bold"] : [], border: [], compact: true },
  });
  for (const { ok, title, family, milliseconds } of results) {
    table.push([ok ? pc.green("ok") : pc.red("FAILED"), title, family ?? "", String(milliseconds)]);
  }
  const failed = results.filter(({ ok }) => !ok);
  return [table.toString(), ...failed.map(failure), summary(results)].join("\n");
}

function failure({ id, expected, found, look, tries }: Result): string {
  return `${pc.red("FAILED")} ${id} (${tries} tries)\n  expected  ${expected}\n  found     ${found}\n  look at   ${look}`;
}

/** One line: how many passed, of which families. */
export function summary(results: readonly Result[]): string {
  const failed = results.filter(({ ok }) => !ok).length;
  const families = [...new Set(results.flatMap(({ family }) => (family === undefined ? [] : [family])))];
  const passed = results.length - failed;
  return `${passed} of ${results.length} checks passed${families.length > 0 ? ` (${families.join(" and ")})` : ""}`;
}
