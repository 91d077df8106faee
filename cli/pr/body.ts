/** The comment of one environment. Texts of a pull request are strangers' texts: each is escaped or fenced. */
import { escaped, fold, MOST_CHARACTERS, renderMarkdown } from "../../plan/diff";
import { renderProblems } from "../../spec";
import type { Change } from "./environment";

/** The first line of a comment, by which the next run finds it again. */
export function marker(environment: string): string {
  return `<!-- dualstack:${environment} -->`;
}

/** Characters for what is said of the running cluster; the rest is for the diff. */
const MOST_RUNNING = 12_000;

/** The comment, under 60,000 characters. `running` is Markdown of the running cluster that comes after the diff. */
export function commentOf(change: Change, running = ""): string {
  const rest = [...notes(change), ...(running === "" ? [] : [cutTo(running, MOST_RUNNING)])];
  const room = MOST_CHARACTERS - rest.join("\n\n").length - change.file.length - 500;
  return `${[marker(change.environment), text(change, room), ...rest, `<sub>${escaped(change.file)}</sub>`].join("\n\n")}\n`;
}

function text({ environment, file, diff, removed, problems, exitCode }: Change, room: number): string {
  const title = `## ${escaped(environment)}`;
  if (removed) {
    return `${title}: its spec is removed\n\nThe cluster runs on until \`dualstack destroy ${escaped(environment)}\` with the spec as it was.`;
  }
  if (diff !== undefined) return renderMarkdown(diff, room).trimEnd();
  if (exitCode === 0) return `${title}: no change`;
  return problems.some(({ severity }) => severity === "error")
    ? `${title}: ${escaped(file)} has mistakes`
    : `${title}: changed; the spec as it was has mistakes, so there is nothing to compare with`;
}

const MOST_PROBLEMS = 20;

function notes({ file, problems, was }: Change): string[] {
  const list = (title: string, found: Change["problems"]) => {
    if (found.length === 0) return [];
    const shown = renderProblems(file, found.slice(0, MOST_PROBLEMS)).split("\n");
    const more = found.length > MOST_PROBLEMS ? [`... and ${found.length - MOST_PROBLEMS} more`] : [];
    return [fold(title, fenced([...shown, ...more].map((line) => line.slice(0, 300)).join("\n")), found !== was)];
  };
  const errors = problems.filter(({ severity }) => severity === "error");
  const warnings = problems.filter(({ severity }) => severity === "warning");
  return [
    ...list(`❌ ${errors.length} to mend`, errors),
    ...list(`⚠️ ${warnings.length} to look at`, warnings),
    ...list("the spec as it was has mistakes", was),
  ];
}

/** A fence that no line of the text can close. */
export function fenced(text: string): string {
  const longest = Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function cutTo(text: string, most: number): string {
  return text.length <= most ? text : `_The preview is too long for a comment: see the output of the job._`;
}
