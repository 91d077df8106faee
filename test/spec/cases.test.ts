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
