/** The values of ingress controllers and of the load balancer that follow from other values. */
import type { Family } from "./families";
import type { Draft, DraftIngress, DraftPool } from "./schema";
import type { Span } from "./spans";
import type { Exposure } from "./way-in";
import { INGRESS_VERSIONS } from "./way-in-versions";

export { defined } from "./derive";

/** How it is reached: as it is written, else by the load balancer, if there is one. */
export function exposureOf(draft: Draft, { expose }: DraftIngress): Exposure["how"] {
  return expose ?? (draft.loadBalancer === undefined ? "node-port" : "load-balancer");
}

/** The release that is written, else the newest that dualstack knows. */
export function ingressVersion({ kind, version }: DraftIngress): string | undefined {
  return version ?? (kind && INGRESS_VERSIONS[kind][0]);
}

/** The addresses of each family in a pool. */
export function poolSpans(pool: DraftPool): readonly { readonly family: Family; readonly span: Span }[] {
  return [pool.ipv4, pool.ipv6].flatMap((span) => (span === undefined ? [] : [{ family: span.family, span }]));
}
