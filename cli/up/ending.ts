/** What a run ends with: what it changed, who failed, what is left, and what to do next. */
import type { Result } from "../../live/results";
import { type Progress, STEPS, stateOf } from "./progress";

export interface Ending {
  readonly result: "succeeded" | "failed" | "interrupted" | "killed" | "locked" | "refused";
  readonly exitCode: number;
  readonly seconds: number;
  readonly hosts: {
    readonly done: readonly string[];
    readonly unchanged: readonly string[];
    readonly removed: readonly string[];
    readonly failed: readonly { readonly host: string; readonly step: string; readonly error: string }[];
    /** Those that were not reached, or not to their end. */
    readonly left: readonly string[];
  };
  /** Resources by what became of them: create, update, delete, same. */
  readonly changes: { readonly [op: string]: number };
  /** Errors of no host. */
  readonly errors: readonly string[];
  /** Of the verification; none when there was nothing to prove again. */
  readonly checks: readonly Result[];
  /** What to do. */
  readonly next?: string;
}

export function endingOf(
  progress: Progress,
  how: Pick<Ending, "result" | "exitCode" | "seconds"> & { readonly next?: string },
): Ending {
  const hosts = [...progress.hosts].map(([host, steps]) => ({ host, steps, state: stateOf(steps) }));
  const of = (...states: string[]) => hosts.filter(({ state }) => states.includes(state)).map(({ host }) => host);
  const failed = hosts.flatMap(({ host, steps }) =>
    STEPS.flatMap((step) => {
      const { state, error = "no error was told" } = steps[step];
      return state === "failed" ? [{ host, step, error: shortened(error) }] : [];
    }),
  );
  const inCluster = [...progress.cluster].flatMap(([name, { state, error }]) =>
    state === "failed" || error !== undefined ? [`${name}: ${error ?? "failed"}`] : [],
  );
  return {
    ...how,
    hosts: {
      done: of("done"),
      unchanged: of("unchanged"),
      removed: of("removed"),
      failed,
      left: of("waiting", "running"),
    },
    changes: progress.changes,
    errors: [...inCluster, ...progress.errors],
    checks: Array.isArray(progress.checks) ? (progress.checks as Result[]) : [],
  };
}

/** Without the command line that the provider repeats: it is the same for every step. */
function shortened(error: string): string {
  return error.replace(/: running "(?:[^"\\]|\\.)*":?/s, "");
}
