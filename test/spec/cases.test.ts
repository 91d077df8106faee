/**
 * Pairs of files in cases/: NAME.yaml is a spec, NAME.expected holds its problems, each behind its code, in the exact words.
 * UPDATE_EXPECTED=1 writes them anew, to be read in review.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Problem, parseSpec, renderProblems, SpecError } from "../../spec";

const folder = join(__dirname, "cases");
const knownHosts = readFileSync(join(__dirname, "known_hosts"), "utf8");
const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

test.each(names)("%s", (name) => {
  const said = judge(name, readFileSync(join(folder, name), "utf8"));
  const expected = join(folder, name.replace(/yaml$/, "expected"));
  if (process.env.UPDATE_EXPECTED === "1") writeFileSync(expected, said);
  expect(said).toBe(readFileSync(expected, "utf8"));
  expect(said.startsWith("valid")).toBe(name.startsWith("valid"));
});

/** Codes of mistakes in a file as a whole, which test/spec/load.test.ts makes. */
const OF_FILES = ["file-encoding", "file-kind", "file-large", "file-missing", "yaml-depth"];

test("every code that a rule or a reader gives has a case here", () => {
  const source = join(__dirname, "../../spec");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const call =
    /(?:\b(?:error|warning|errorAt|wrong|fault)\(|AddressError\(|\btext\()[^;]*?"([a-z0-9]+(?:-[a-z0-9]+)+)"/g;
  const codes = files.flatMap((name) =>
    [...readFileSync(join(source, name), "utf8").matchAll(call)].map(([, code]) => code),
  );
  const said = names.map((name) => readFileSync(join(folder, name.replace(/yaml$/, "expected")), "utf8")).join("");
  const without = [...new Set(codes)].filter((code) => !said.includes(`\n${code}\n`) && !OF_FILES.includes(code ?? ""));
  expect(codes.length).toBeGreaterThan(100);
  expect(without).toEqual([]);
});

function judge(file: string, text: string): string {
  try {
    return `valid\n${lines(file, parseSpec(text, { file, knownHosts, today: "2026-11-21" }).warnings)}`;
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return `invalid\n${lines(file, error.problems)}`;
  }
}

function lines(file: string, problems: readonly Problem[]): string {
  return problems.map((problem) => `${problem.code}\n  ${renderProblems(file, [problem])}\n`).join("");
}
