/**
 * What is wrong with a spec, as data: every mistake with its place, in one error, with a text that says what to do.
 */

/** A place in a file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Steps from the root of the spec to a value: `["hosts", 0, "name"]`. */
export type Path = readonly (string | number)[];

export interface Problem extends Place {
  /** Stable name of the kind of mistake, such as `address-leading-zero`. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** Where in the spec: `hosts[0].name`; empty for the whole file. */
  readonly path: string;
  /** The value as it is written, when the path leads to a single value. */
  readonly value?: string;
  /** What is allowed, and what to do. */
  readonly message: string;
}

/** Every mistake of one spec. `message` is the text of all of them, one a line. */
export class SpecError extends Error {
  override readonly name = "SpecError";
  /** Errors and warnings, sorted by place. */
  readonly problems: readonly Problem[];

  constructor(
    readonly file: string,
    problems: readonly Problem[],
  ) {
    const sorted = byPlace(problems);
    super(renderProblems(file, sorted));
    this.problems = sorted;
  }
}

/** Sorted by line, column, code. */
export function byPlace(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1));
}

/** `hosts[0].name` */
export function pathText(path: Path): string {
  return path.map((step, i) => (typeof step === "number" ? `[${step}]` : i === 0 ? step : `.${step}`)).join("");
}

/** One line for each problem: `file:line:column path: value: what is allowed and what to do`. */
export function renderProblems(file: string, problems: readonly Problem[]): string {
  return problems.map((problem) => renderProblem(file, problem)).join("\n");
}

function renderProblem(file: string, { line, column, severity, path, value, message }: Problem): string {
  const place = `${file}:${line}:${column}`;
  const parts = [severity === "warning" ? "warning" : "", path, value === undefined ? "" : printable(value), message];
  return `${place} ${parts.filter((part) => part !== "").join(": ")}`;
}

const LONGEST_VALUE = 60;

/** Values come from a file that may hold anything: control characters are escaped, long texts are cut. */
function printable(value: string): string {
  const plain = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(value) ? value : JSON.stringify(value);
  return plain.length > LONGEST_VALUE ? `${plain.slice(0, LONGEST_VALUE)}...` : plain;
}
