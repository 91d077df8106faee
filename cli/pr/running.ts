/** What a comment says beyond the specs: `pulumi preview` against the state, and drift of the hosts. Both need what a fork never has. */
import { type Diff, escaped, fold } from "../../plan/diff";
import { driftCode, type HostDrift, renderDrift } from "../../plan/drift";
import { agreementText } from "../preview/agree";
import { look, type Seen } from "../preview/look";
import { environmentOf } from "../up/environment";
import { fenced } from "./body";
import type { Change } from "./environment";

export interface Running {
  /** Markdown, empty when there is nothing to look at. */
  readonly text: string;
  /** No preview could be made, though there was something to look at. */
  readonly failed: boolean;
}

const MOST_LINES = 40;

/** Looks at what is checked out. A refused change has no preview: the engine refuses it, too. */
export async function runningOf({ environment, diff }: Change, withDrift: boolean): Promise<Running> {
  if (diff === undefined) return { text: "", failed: false };
  const seen = await look(environmentOf(environment), withDrift).catch((error: Error) => error);
  if (seen instanceof Error) return failure(seen.message);
  const { problem, drift } = seen;
  const preview = problem === undefined ? agreement(seen) : isRefused(seen.diff) ? undefined : failure(problem);
  const parts = [preview?.text, drift && drifted(drift)];
  return { text: parts.filter(Boolean).join("\n\n"), failed: preview?.failed ?? false };
}

const isRefused = ({ refused }: Diff) => refused.length > 0;

function failure(message: string): Running {
  return { text: section(["❌ no preview could be made", ...message.split("\n")], true), failed: true };
}

function agreement({ agreement, planned }: Seen): Running {
  const differs = agreement.onlyState.length + agreement.onlyDiff.length > 0;
  return { text: section(agreementText(agreement, planned).trim().split("\n"), differs), failed: false };
}

/** The line that counts stands last on a terminal. */
function drifted(drift: readonly HostDrift[]): string {
  const lines = renderDrift(drift).trim().split("\n");
  return section([`drift: ${lines.at(-1)}`, ...lines.slice(0, -1)], driftCode(drift) > 0);
}

/** The first line as the title of the others. */
function section([title = "", ...lines]: readonly string[], open: boolean): string {
  if (lines.length === 0) return escaped(title);
  const more = lines.length > MOST_LINES ? [`... and ${lines.length - MOST_LINES} lines more`] : [];
  return fold(escaped(title), fenced([...lines.slice(0, MOST_LINES), ...more].join("\n")), open);
}
