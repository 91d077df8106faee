/** A diff for a terminal. */
import type { StepChange } from "./changes";
import type { Diff } from "./diff";
import type { Effect, Impact } from "./impact";
import type { Hunk } from "./lines";
import { FORCED, fieldText, fieldTitle, groupTitle, headline, objectTitle, proof, valueTexts, where } from "./words";

type Paint = (text: string) => string;

/** As picocolors has them. */
export interface Colours {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly magenta: Paint;
}

const same: Paint = (text) => text;
export const PLAIN: Colours = { bold: same, dim: same, red: same, green: same, yellow: same, magenta: same };

export function renderText(diff: Diff, colours: Colours = PLAIN): string {
  const { bold, dim, red } = colours;
  const shade = shades(colours);
  const title = (text: string) => `\n${bold(text)}\n`;
  const effect = (one: Effect) => [one.impact, ...(one.component === undefined ? [] : [one.component])].join(" ");
  const out = [`${bold(headline(diff))}\n`];
  if (diff.refused.length > 0) out.push(title("Refused"));
  for (const { path, from, to, message, today, way } of diff.refused) {
    out.push(`  ${red(`${path}: ${from} -> ${to}`)}\n    why, and the way: ${message} (the way costs: ${way})\n`);
    out.push(`    ${FORCED}: ${today}\n`);
  }
  if (diff.fields.length > 0) out.push(title("Changed in the spec"));
  for (const field of diff.fields) out.push(`  ${fieldTitle(field)}: ${fieldText(field)}\n`);
  if (diff.consequences.length > 0) out.push(title("What it does to the running cluster"));
  for (const one of diff.consequences) {
    const place = where(one, diff.size);
    out.push(`  ${shade[one.impact](effect(one))}: ${one.what}${place === "" ? "" : dim(` [${place}]`)}\n`);
    if (one.todo !== undefined) out.push(`    to do: ${one.todo}\n`);
  }
  for (const group of diff.hosts) {
    out.push(`${title(groupTitle(group)).trimEnd()} ${shade[group.impact](group.impact)}\n`);
    for (const step of group.steps) out.push(stepText(step, colours));
  }
  if (diff.objects.length > 0) out.push(title("in the cluster"));
  for (const object of diff.objects) {
    out.push(`  ${objectTitle(object)} ${shade[object.impact](object.impact)}\n${linesText(object.lines, colours)}`);
  }
  if (diff.changed) out.push(`\n${proof(diff)}\n`);
  return out.join("");
}

function stepText({ step, files, values }: StepChange, colours: Colours): string {
  const { red, green } = colours;
  if (files.length > 0 && files.every(({ lines }) => lines.length === 0)) {
    return `  step ${step}: ${files.map(({ path }) => path).join(", ")}\n`;
  }
  const paint = (line: string) => (line.startsWith("-") ? red(line) : line.startsWith("+") ? green(line) : line);
  const set = valueTexts(values).map((line) => `    ${paint(line)}\n`);
  const texts = files.map(
    ({ path, change, lines }) =>
      `    ${path}${change === "changed" ? "" : ` (${change})`}\n${linesText(lines, colours, "      ")}`,
  );
  return [`  step ${step}\n`, ...set, ...texts].join("");
}

function linesText(lines: readonly Hunk[], { red, green, dim }: Colours, indent = "    "): string {
  return lines
    .flatMap(({ section, removed, added }, index) => [
      ...(section === "" || section === lines[index - 1]?.section ? [] : [dim(`${indent}${section}`)]),
      ...removed.map((line) => red(`${indent}- ${line}`.trimEnd())),
      ...added.map((line) => green(`${indent}+ ${line}`.trimEnd())),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

function shades({ dim, green, yellow, magenta, red }: Colours): { readonly [I in Impact]: Paint } {
  return {
    nothing: dim,
    live: green,
    restart: yellow,
    drain: magenta,
    addresses: magenta,
    rebuild: magenta,
    "not-applied": red,
    refused: red,
  };
}
