/** A diff as one page: light and dark, without network or script. */
import { escaped, Html, page } from "../html";
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

export function renderHtml(diff: Diff): string {
  const parts = [...refused(diff), ...consequences(diff), ...fields(diff), ...details(diff)];
  const end = diff.changed ? `<p>${escaped(proof(diff))}</p>\n` : "";
  const main = `<h1>${escaped(headline(diff))}</h1>\n${parts.join("\n")}\n${end}`;
  return page(`${diff.cluster}: what a change does`, STYLE, new Html(main));
}

function refused({ refused }: Diff): string[] {
  if (refused.length === 0) return [];
  const items = refused.map(
    ({ path, from, to, message, today, way }) =>
      `<li><code>${escaped(path)}</code>: <code>${escaped(from)}</code> → <code>${escaped(to)}</code>` +
      `<p>${escaped(message)} (the way costs: ${way})</p>` +
      `<p>${FORCED}: ${escaped(today)}</p></li>`,
  );
  return [`<section class="refused"><h2>Refused</h2><ul>${items.join("\n")}</ul></section>`];
}

function consequences({ consequences, size }: Diff): string[] {
  if (consequences.length === 0) return [];
  const rows = consequences.map((one) => {
    const todo = one.todo === undefined ? "" : `<p><b>To do:</b> ${escaped(one.todo)}</p>`;
    const place = escaped(where(one, size));
    return `<tr><td>${badge(one.impact)}</td><td>${escaped(one.component ?? "")}</td><td>${escaped(one.what)}${todo}</td><td>${place}</td></tr>`;
  });
  const head =
    '<tr><th scope="col">impact</th><th scope="col">component</th><th scope="col">what happens</th><th scope="col">where</th></tr>';
  return [
    `<h2>What it does to the running cluster</h2>\n<div class="wide"><table>${head}\n${rows.join("\n")}</table></div>`,
  ];
}

function fields({ fields }: Diff): string[] {
  if (fields.length === 0) return [];
  const items = fields.map(
    (one) => `<li><code>${escaped(fieldTitle(one))}</code>: <code>${escaped(fieldText(one))}</code></li>`,
  );
  return [`<h2>Changed in the spec</h2>\n<ul>${items.join("\n")}</ul>`];
}

function details({ hosts, objects }: Diff): string[] {
  const groups = hosts.map((group) => fold(groupTitle(group), group.impact, group.steps.map(stepHtml).join("\n")));
  const inCluster = objects.map((object) => fold(objectTitle(object), object.impact, pre(lineTexts(object.lines))));
  return [
    ...(groups.length > 0 ? ["<h2>On the hosts</h2>", ...groups] : []),
    ...(inCluster.length > 0 ? ["<h2>In the cluster</h2>", ...inCluster] : []),
  ];
}

function stepHtml({ step, files, values }: StepChange): string {
  const set = valueTexts(values);
  const texts = files.map(
    ({ path, change, lines }) =>
      `<p><code>${escaped(path)}</code>${change === "changed" ? "" : ` (${change})`}</p>${pre(lineTexts(lines))}`,
  );
  return `<h3>step ${step}</h3>${pre(set)}${texts.join("\n")}`;
}

function pre(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  const tag = (line: string) => (line.startsWith("-") ? "del" : line.startsWith("+") ? "ins" : "span");
  return `<pre>${lines.map((line) => `<${tag(line)}>${escaped(line)}</${tag(line)}>`).join("\n")}</pre>`;
}

function fold(title: string, impact: string, html: string): string {
  return `<details><summary>${escaped(title)} ${badge(impact)}</summary>\n${html}\n</details>`;
}

function badge(impact: string): string {
  return `<span class="badge ${impact}">${impact}</span>`;
}

const STYLE = `.refused { border-left: 4px solid var(--red); padding-left: 1rem; }
.badge { border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; white-space: nowrap; font-size: .85rem; }
.live { color: var(--green); } .restart { color: var(--amber); }
.drain, .addresses, .rebuild, .not-applied, .badge.refused { color: var(--red); }
pre { background: var(--soft); padding: .6rem; overflow-x: auto; }
del { color: var(--red); text-decoration: none; } ins { color: var(--green); text-decoration: none; }
`;
