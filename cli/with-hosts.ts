/** Commands that go to hosts have nowhere to go in kind. */
import type { ClusterSpec } from "../spec";

/** Throws Error for a cluster in kind, where `what` has nothing to work on. */
export function needHosts({ name, kind }: ClusterSpec, what: string): void {
  if (kind === undefined) return;
  throw new Error(
    `${name} is a cluster in kind: its nodes are containers that kind made, without SSH, so there is nothing to ${what}; 'dualstack verify' proves the cluster`,
  );
}
