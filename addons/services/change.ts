/**
 * What the API server does when one Service becomes another (k/k pkg/apis/core/validation ValidateServiceUpdate). The rows of
 * test/contract/service-rows.ts are tried against a real one.
 */
import { type Family, ipFamily } from "../../spec/families";
import type { ServiceShape } from "./families";

export interface ServiceChange {
  /** replace: the API refuses the change, so a new Service with other addresses has to take its place. */
  readonly outcome: "same" | "in-place" | "replace";
  /** Stable name of what decides it, such as `primary-family`. */
  readonly code: string;
  /** What happens, for people. */
  readonly why: string;
}

/** From one shape to another; what else changes (ports, selector, labels) is always in place. */
export function serviceChange(from: ServiceShape, to: ServiceShape): ServiceChange {
  if (from.headless !== to.headless) return headless(to);
  if (from.type === "ExternalName" || to.type === "ExternalName") return nameOrAddresses(from, to);
  if (from.families.join() !== to.families.join()) {
    return to.headless ? answers(from, to) : addresses(from, to);
  }
  if (from.type !== to.type) {
    const why = `type ${from.type} becomes ${to.type}; its addresses stay`;
    return { outcome: "in-place", code: "type", why };
  }
  if (from.policy === to.policy) return SAME;
  const why = `${from.policy} becomes ${to.policy}; its addresses stay`;
  return { outcome: "in-place", code: "policy", why };
}

const SAME: ServiceChange = { outcome: "same", code: "same", why: "nothing of its families changes" };

/** From and to ExternalName the API would take it; the Kubernetes provider replaces a Service whose clusterIP it is told changes. */
function headless(to: ServiceShape): ServiceChange {
  const becomes = to.headless ? "it becomes headless" : "it is headless no more";
  const why = `${becomes}, and clusterIP does not change for as long as a Service lives`;
  return { outcome: "replace", code: "headless", why };
}

function nameOrAddresses(from: ServiceShape, to: ServiceShape): ServiceChange {
  if (from.type === to.type) return SAME;
  const gives = `it becomes a name in DNS, and gives up its addresses of ${names(from.families)}`;
  const gets = `it was a name in DNS, and gets addresses of ${names(to.families)}`;
  return { outcome: "in-place", code: "external-name", why: to.type === "ExternalName" ? gives : gets };
}

/** Without addresses there is nothing that could not change ("headless can change families"). */
function answers(from: ServiceShape, to: ServiceShape): ServiceChange {
  const why = `DNS answers with addresses of ${names(to.families)} instead of ${names(from.families)}`;
  return { outcome: "in-place", code: "headless-families", why };
}

/** The second family comes and goes; the first is bound to the first address, which never changes. */
function addresses(from: ServiceShape, to: ServiceShape): ServiceChange {
  const [was, is] = [from.families[0]!, to.families[0]!];
  if (was !== is) {
    const why = `its first family changes from ${ipFamily(was)} to ${ipFamily(is)}, and the API keeps the first address for as long as the Service lives`;
    return { outcome: "replace", code: "primary-family", why };
  }
  const [more, fewer] = [missing(to, from), missing(from, to)];
  if (more !== undefined) {
    const why = `it gets an address of ${ipFamily(more)} in addition; that of ${ipFamily(is)} stays`;
    return { outcome: "in-place", code: "family-added", why };
  }
  const why = `it gives up its address of ${ipFamily(fewer!)}; that of ${ipFamily(is)} stays`;
  return { outcome: "in-place", code: "family-removed", why };
}

function missing({ families }: ServiceShape, from: ServiceShape): Family | undefined {
  return families.find((family) => !from.families.includes(family));
}

const names = (families: readonly Family[]) => families.map(ipFamily).join(" and ") || "no family";
