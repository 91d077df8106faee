/** What a change does to a running cluster, in classes from harmless to impossible. */

/** From the least to the most. */
export const IMPACTS = [
  "nothing",
  "live",
  "restart",
  "drain",
  "addresses",
  "rebuild",
  "not-applied",
  "refused",
] as const;

export type Impact = (typeof IMPACTS)[number];

/** What each class means, for people. */
export const MEANING: { readonly [I in Impact]: string } = {
  nothing: "nothing on the running cluster",
  live: "applied in place",
  restart: "a component restarts",
  drain: "a node has to be drained",
  addresses: "pods get new addresses",
  rebuild: "a node has to be built anew",
  "not-applied": "files change, the running cluster does not follow",
  refused: "not possible on a running cluster",
};

export function worst(impacts: Iterable<Impact>): Impact {
  return IMPACTS[Math.max(0, ...[...impacts].map((impact) => IMPACTS.indexOf(impact)))]!;
}

/** One consequence of a change. */
export interface Effect {
  readonly impact: Impact;
  /** What restarts, or does not follow: `containerd`. */
  readonly component?: string;
  /** What happens, today, when `pulumi up` runs. */
  readonly what: string;
  /** What people have to do themselves. */
  readonly todo?: string;
  /** It happens on every host of the cluster, not only where the file is. */
  readonly everywhere?: true;
}
