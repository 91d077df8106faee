/** A diff as a comment of a pull request: folded where it is long, and always under the limit of GitHub (65,536 characters). */
import type { StepChange } from "./changes";
import type { Diff } from "./diff";
import {
  FORCED,
  fieldText,
  fieldTitle,
  groupTitle,
  headline,
  lineTexts,
  objectTitle,
  proof,
  valueTexts,
  where,
} from "./words";

export const MOST_CHARACTERS = 60_000;

/** How much of each part is shown: the first that fits is taken. */
interface Limits {
  readonly rows: number;
  readonly groups: number;
  /** Of one file. */
  readonly lines: number;
}

const LIMITS: readonly Limits[] = [
  { rows: 500, groups: 500, lines: 200 },
  { rows: 100, groups: 100, lines: 40 },
  { rows: 60, groups: 30, lines: 15 },
  { rows: 30, groups: 0, lines: 0 },
];

/** Fewer characters than `most`, whatever changes. */
export function renderMarkdown(diff: Diff, most = MOST_CHARACTERS): string {
  for (const limits of LIMITS) {
    const made = page(diff, limits);
    if (made.length < most) return made;
  }
  return `## ${escaped(headline(diff))}\n\nToo long for a comment: see the output of \`dualstack diff\`.\n`;
}

function page(diff: Diff, limits: Limits): string {
  return [
    `## ${escaped(headline(diff))}`,
    ...refused(diff, limits),
    ...consequences(diff, limits),
    ...fields(diff, limits),
  ]
    .concat(details(diff, limits))
    .concat(diff.changed ? [proof(diff)] : [])
    .map((part) => `${part}\n`)
    .join("\n");
}

function refused({ refused }: Diff, limits: Limits): string[] {
  if (refused.length === 0) return [];
  const items = refused.map(
    ({ path, from, to, message, today, way }) =>
      `- ${code(path)}: ${code(from)} → ${code(to)}\n  - ${escaped(message)} (the way costs: ${way})\n` +
      `  - ${FORCED}: ${escaped(today)}`,
  );
  return ["### ⛔ Refused", cut(items, limits.rows).join("\n")];
}

function consequences({ consequences, size }: Diff, limits: Limits): string[] {
  if (consequences.length === 0) return [];
  const rows = consequences.map((one) => {
    const todo = one.todo === undefined ? "" : `<br>**To do:** ${escaped(one.todo)}`;
    return row(`**${one.impact}**`, escaped(one.component ?? ""), escaped(one.what) + todo, escaped(where(one, size)));
  });
  const head = [row("impact", "component", "what happens", "where"), row("---", "---", "---", "---")];
  return ["### What it does to the running cluster", [...head, ...cut(rows, limits.rows)].join("\n")];
}

function fields({ fields }: Diff, limits: Limits): string[] {
  if (fields.length === 0) return [];
  const items = fields.map((field) => `- ${code(fieldTitle(field))}: ${code(fieldText(field))}`);
  const list = cut(items, limits.rows).join("\n");
  return items.length > 20 ? [fold("Changed in the spec", list)] : ["### Changed in the spec", list];
}

function details({ hosts, objects }: Diff, limits: Limits): string[] {
  if (limits.groups === 0) return ["_Changed files: see the output of `dualstack diff`._"];
  const groups = hosts.map((group) => {
    const text = group.steps.map((step) => stepText(step, limits.lines)).join("\n");
    return fold(`${escaped(groupTitle(group))}: <b>${group.impact}</b>`, text);
  });
  const inCluster = objects.map((object) => {
    return fold(
      `${escaped(objectTitle(object))}: <b>${object.impact}</b>`,
      fence(lineTexts(object.lines), limits.lines),
    );
  });
  return [...cut(groups, limits.groups), ...cut(inCluster, limits.groups)];
}

function stepText({ step, files, values }: StepChange, most: number): string {
  if (files.length > 0 && files.every(({ lines }) => lines.length === 0)) {
    return `step ${step}: ${files.map(({ path }) => code(path)).join(", ")}\n`;
  }
  const set = valueTexts(values);
  const texts = files.map(
    ({ path, change, lines }) =>
      `${code(path)}${change === "changed" ? "" : ` (${change})`}\n\n${fence(lineTexts(lines), most)}`,
  );
  return [`step ${step}\n`, ...(set.length > 0 ? [fence(set, most)] : []), ...texts].join("\n");
}

function fence(lines: readonly string[], most: number): string {
  if (lines.length === 0) return "";
  return `\`\`\`\`diff\n${cut(lines.map(clipped), most).join("\n")}\n\`\`\`\`\n`;
}

/** Characters of one value or line: a list of a thousand names is one. */
const LONGEST = 300;

function clipped(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}... (${text.length - LONGEST} characters more)` : text;
}

export function fold(summary: string, text: string, open = false): string {
  return `<details${open ? " open" : ""}><summary>${summary}</summary>\n\n${text}\n</details>`;
}

function cut(items: readonly string[], most: number): string[] {
  if (items.length <= most) return [...items];
  return [...items.slice(0, most), `... and ${items.length - most} more`];
}

function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Values of a spec keep to allow-lists; this is for those that will come. */
export function escaped(text: string): string {
  return text
    .replace(/[<>&]/g, (mark) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;" })[mark]!)
    .replace(/[\\`*_[\]]/g, "\\$&");
}

function code(text: string): string {
  return `\`${clipped(text).replaceAll("`", "'")}\``;
}
