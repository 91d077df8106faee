/** What a pull request does to one environment: its spec on both sides, compared. */
import { Files } from "../../live/upstream";
import { type Diff, diffSpecs, exitCode } from "../../plan/diff";
import { type ClusterSpec, type Problem, parseSpec, SpecError, UNPINNED, withMirror } from "../../spec";
import { type Range, showFile } from "../git";

/** Exit code of mistakes and of changes that a running cluster cannot take. */
const STOP = 2;

export interface Change {
  readonly environment: string;
  readonly file: string;
  /** undefined: nothing can be compared. */
  readonly diff?: Diff;
  /** Mistakes and warnings of the new spec. */
  readonly problems: readonly Problem[];
  /** Mistakes of the spec as it was, which is why there is no comparison. */
  readonly was: readonly Problem[];
  readonly removed: boolean;
  /** 0 nothing changed, 1 something did, 2 mistakes or refused changes. */
  readonly exitCode: 0 | 1 | 2;
}

/** Compares the spec `file` on both sides of `range`. `today` (2026-11-21) is the day on which releases are past their end. */
export function changeOf(range: Range, environment: string, file: string, today: string): Change {
  const [before, after] = [showFile(range.from, file), showFile(range.to, file)];
  const base = { environment, file, problems: [], was: [], removed: after === undefined };
  if (before === after) return { ...base, exitCode: 0 };
  if (after === undefined) return { ...base, exitCode: 1 };
  const wanted = read(after, file, today);
  const old = before === undefined ? undefined : read(before, file);
  const found = { ...base, problems: wanted.problems, was: old?.spec === undefined ? (old?.problems ?? []) : [] };
  if (wanted.spec === undefined) return { ...found, exitCode: STOP };
  if (old !== undefined && old.spec === undefined) return { ...found, exitCode: 1 };
  const { mirror } = withMirror(wanted.spec, file);
  const diff = diffSpecs(old?.spec, wanted.spec, new Files(mirror));
  return { ...found, diff, exitCode: exitCode(diff) };
}

function read(text: string, file: string, today?: string): { spec?: ClusterSpec; problems: readonly Problem[] } {
  try {
    const { spec, warnings } = parseSpec(text, { file, placeholderKey: UNPINNED, ...(today && { today }) });
    return { spec, problems: warnings };
  } catch (error) {
    if (error instanceof SpecError) return { problems: error.problems };
    throw error;
  }
}
