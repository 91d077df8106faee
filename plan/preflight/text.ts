/** Preflight for people: one table, and what to do below it. */
import { plural } from "../words";
import type { Finding, Preflight, Severity } from "./finding";

const WORDS: { readonly [S in Severity]: string } = { error: "ERROR", warning: "warning", note: "note" };

/** The rows of the table: state, check, hosts, what was found. */
export function rows({ findings, passed, unreachable }: Preflight): (readonly [string, string, string, string])[] {
  return [
    ...passed.map(({ title }) => ["ok", title, "", ""] as const),
    ...findings.map(({ severity, title, hosts, found }) => [WORDS[severity], title, hosts.join(", "), found] as const),
    ...unreachable.map(({ host, problem }) => ["ERROR", "the host can be asked", host, problem] as const),
  ];
}

/** What to do about each finding, worst first, and one line that counts. */
export function renderPreflight({ findings, passed, unreachable }: Preflight): string {
  const worst: readonly Severity[] = ["error", "warning", "note"];
  const sorted = worst.flatMap((severity) => findings.filter((one) => one.severity === severity));
  const count = (severity: Severity) => findings.filter((one) => one.severity === severity).length;
  const errors = count("error") + unreachable.length;
  return [
    ...sorted.map(advice),
    ...unreachable.map(({ host, problem }) => `ERROR ${host}: ${problem}\n`),
    `${passed.length} checks passed, ${plural(errors, "error")}, ${plural(count("warning"), "warning")}`,
    errors > 0 ? "; mend the errors before pulumi up\n" : "\n",
  ].join("");
}

function advice({ severity, code, hosts, found, why, remedy }: Finding): string {
  const [line = "", ...commands] = remedy.split("\n");
  const more = commands.map((command) => `      ${command}\n`).join("");
  return `${WORDS[severity]} ${code} (${hosts.join(", ")}): ${found}\n  why   ${why}\n  do    ${line}\n${more}`;
}
