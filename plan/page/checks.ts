/** The checks of a cluster: what will be proved, or what was, with times. */
import { ipFamily } from "../../spec/families";
import type { Check } from "../checks";
import { type Html, html } from "../html";

/** What came of a check: what `dualstack verify --json` prints of each. */
export interface Outcome {
  readonly id: string;
  readonly ok: boolean;
  readonly expected: string;
  readonly found: string;
  readonly look?: string;
  readonly milliseconds: number;
}

interface Tried {
  readonly check: Check;
  readonly outcome: Outcome | undefined;
}

/** Failed checks first and in full, then every group of checks with its times; each group opens. */
export function checkList(checks: readonly Check[], outcomes: readonly Outcome[] | undefined): Html {
  const byId = new Map(outcomes?.map((outcome) => [outcome.id, outcome]));
  const tried = checks.map((check): Tried => ({ check, outcome: byId.get(check.id) }));
  const failed = tried.filter(({ outcome }) => outcome?.ok === false);
  return html`${failed.map(failure)}${[...grouped(tried)].map(([title, group]) => fold(title, group))}`;
}

/** By kind and family, in the order of the checks. */
function grouped(tried: readonly Tried[]): Map<string, Tried[]> {
  const groups = new Map<string, Tried[]>();
  for (const one of tried) {
    const { kind, family } = one.check;
    const words = kind.replaceAll("-", " ");
    const title = family === undefined ? words : `${words}, ${ipFamily(family)}`;
    groups.set(title, [...(groups.get(title) ?? []), one]);
  }
  return groups;
}

function failure({ check, outcome }: Tried): Html {
  return html`<div class="failed"><p><b>FAILED</b> ${check.title}</p><p>expected ${outcome?.expected}; found ${outcome?.found}</p><p>Look at: ${check.look}</p></div>`;
}

function fold(title: string, group: readonly Tried[]): Html {
  const rows = group.map(
    ({ check, outcome }) =>
      html`<tr><td>${state(outcome)}</td><td>${check.title}</td><td class="number">${outcome?.milliseconds}</td></tr>`,
  );
  return html`<details><summary>${title} <span class="badge">${tally(group)}</span></summary><div class="wide"><table><tr><th scope="col">result</th><th scope="col">check</th><th scope="col">ms</th></tr>${rows}</table></div></details>`;
}

function state(outcome: Outcome | undefined): Html {
  if (outcome === undefined) return html`planned`;
  return outcome.ok ? html`<span class="good">ok</span>` : html`<span class="bad">FAILED</span>`;
}

/** `3 planned`, or `2 of 3 passed, 4 to 61 ms`. */
function tally(group: readonly Tried[]): string {
  const outcomes = group.flatMap(({ outcome }) => outcome ?? []);
  if (outcomes.length === 0) return `${group.length} planned`;
  const times = outcomes.map(({ milliseconds }) => milliseconds);
  const passed = outcomes.filter(({ ok }) => ok).length;
  return `${passed} of ${group.length} passed, ${Math.min(...times)} to ${Math.max(...times)} ms`;
}
