/** How often a run saves its state. */
import type { Diff } from "../../plan/diff";
import type { ClusterSpec } from "../../spec";

/**
 * The engine's file back end writes the whole state twice for each step, so what that costs is the changed steps times the hosts: 315 s
 * where 300 new hosts have nothing to do, 7 s for 25 of them. Up to that much the state is saved at every step.
 */
const MOST = 25 * 25 * 3;

/** Steps of hosts that `diff` changes; all there are, where nobody knows what runs. */
export function changedSteps({ hosts }: ClusterSpec, diff: Diff | undefined): number {
  if (diff === undefined) return hosts.length * 3;
  return diff.hosts.reduce((sum, group) => sum + group.hosts.length * group.steps.length, 0);
}

/** Whether the state is saved at every step; else when the run ends or is stopped, and after a kill the hosts say what they have done. */
export function savesEveryStep({ hosts }: ClusterSpec, steps: number): boolean {
  return hosts.length * steps < MOST;
}
