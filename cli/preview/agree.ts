/** The diff of the specs and the engine's preview side by side: what both name, and what only one does. Pure. */
import type { Diff } from "../../plan/diff";
import type { Planned, PlannedStep } from "./planned";

export interface Agreement {
  /** Steps of hosts that both change. */
  readonly both: readonly PlannedStep[];
  /** The state differs from what runs: the last run was not complete, or the state is another one. */
  readonly onlyState: readonly PlannedStep[];
  /** `worker-1 system`: the state has it already. */
  readonly onlyDiff: readonly string[];
  /** What the engine knows only when it runs; mostly nothing. */
  readonly unknown: readonly PlannedStep[];
}

export function compare({ hosts }: Diff, { steps }: Planned): Agreement {
  const named = new Map(hosts.flatMap((group) => group.hosts.flatMap((host) => keysOf(group, host))));
  const seen = new Set(steps.map(({ host, step }) => `${host} ${step}`));
  const known = steps.filter((one) => one.files !== undefined || named.has(`${one.host} ${one.step}`));
  const agrees = ({ host, step, files = [] }: PlannedStep) => {
    const paths = named.get(`${host} ${step}`);
    return paths !== undefined && files.every((path) => paths.has(path));
  };
  return {
    both: known.filter(agrees),
    onlyState: known.filter((one) => !agrees(one)),
    onlyDiff: [...named.keys()].filter((key) => !seen.has(key)),
    unknown: steps.filter((one) => !known.includes(one)),
  };
}

function keysOf({ steps }: Diff["hosts"][number], host: string): [string, Set<string>][] {
  return steps.map(({ step, files }) => [`${host} ${step}`, new Set(files.map(({ path }) => path))]);
}

/** In words, for people. */
export function agreementText(agreement: Agreement, { resources }: Planned): string {
  const { both, onlyState, onlyDiff, unknown } = agreement;
  const steps = (list: readonly PlannedStep[]) => list.map(({ host, step, op }) => `${op} ${host} ${step}`);
  const part = (title: string, list: readonly string[]) =>
    list.length === 0 ? [] : [`  ${title}:`, ...short(list).map((one) => `    ${one}`)];
  const count = new Set(both.map(({ host }) => host)).size;
  const agrees = onlyState.length + onlyDiff.length === 0;
  return [
    `pulumi preview ${agrees ? "agrees" : "differs"}: ${both.length} steps on ${count} hosts, ${resources.length} other resources`,
    ...part("left over from a run that was not complete", steps(onlyState)),
    ...part("done already by a run that was not complete", onlyDiff),
    ...part("known only when it runs", steps(unknown)),
    ...part("in the cluster", resources),
    "",
  ].join("\n");
}

const MOST = 20;

function short(list: readonly string[]): string[] {
  return list.length <= MOST ? [...list] : [...list.slice(0, MOST), `... and ${list.length - MOST} more`];
}
