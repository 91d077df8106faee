/**
 * However a spec is broken, the answer is a spec or a SpecError that says where, and it comes quickly.
 * FUZZ_RUNS=10000 tries more of each kind.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { stringify } from "yaml";
import { parseSpec, SpecError } from "../../spec";
import { KNOWN, WHOLE } from "./whole";

const RUNS = Number(process.env.FUZZ_RUNS ?? 200);
/** Milliseconds. A hang is what this is about; a busy machine takes some. */
const LONGEST = 3000;
jest.setTimeout(60_000 + RUNS * 100);

function judge(text: string): void {
  const started = performance.now();
  try {
    parseSpec(text, { file: "broken.yaml", knownHosts: KNOWN, today: "2026-11-21" });
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    expect(error.problems.some(({ severity }) => severity === "error")).toBe(true);
    for (const { line, column, message } of error.problems) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(column).toBeGreaterThanOrEqual(1);
      expect(message).not.toMatch(/undefined|NaN|\[object/);
    }
  }
  expect(performance.now() - started).toBeLessThan(LONGEST);
}

const whole = stringify(WHOLE);
const crumb = fc.oneof(
  fc.constantFrom("\n", ":", ": ", "- ", "{", "}", "[", "]", ",", "? ", "&a ", "*a", "!t ", "#", '"'),
  fc.string(),
);

test("with characters put in and taken out", () => {
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(3), crumb, (at, cut, text) => {
      judge(whole.slice(0, at) + text + whole.slice(at + cut));
    }),
    { numRuns: RUNS },
  );
});

/** `value` with the node number `n` (in reading order) replaced. */
function replaced(value: unknown, n: { left: number }, by: unknown): unknown {
  if (n.left-- === 0) return by;
  if (Array.isArray(value)) return value.map((item) => replaced(item, n, by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, n, by)]));
}

test("with any value replaced by any other", () => {
  const other = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(null, [], {}, "10.0.0.0/8", "::/0", "fd00::1", 1, true, [null]),
  );
  fc.assert(
    fc.property(fc.nat(60), other, (n, by) => judge(stringify(replaced(WHOLE, { left: n }, by)))),
    { numRuns: RUNS },
  );
});

/** `value` without the node number `n`. */
function without(value: unknown, n: { left: number }): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(() => n.left-- !== 0);
  const rest = entries.map(([key, item]) => [key, without(item, n)] as const);
  return Array.isArray(value) ? rest.map(([, item]) => item) : Object.fromEntries(rest);
}

test("with any value left out", () => {
  for (let n = 0; n < 70; n++) judge(stringify(without(WHOLE, { left: n })));
});

const folder = join(__dirname, "cases");
const corpus = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(join(folder, name), "utf8"));

test("with lines of one spec put into another", () => {
  const line = fc.constantFrom(...corpus.flatMap((text) => text.split("\n")));
  fc.assert(
    fc.property(fc.constantFrom(...corpus), line, fc.nat(12), fc.nat(2), (text, other, at, cut) => {
      judge(text.split("\n").toSpliced(at, cut, other).join("\n"));
    }),
    { numRuns: RUNS },
  );
});
