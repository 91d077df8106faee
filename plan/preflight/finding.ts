/** What preflight finds, as data. docs/preflight.schema.json describes its JSON. Pure. */
import type { ClusterSpec } from "../../spec/types";
import type { Facts } from "./facts";

/** An error stops what comes next, a warning does not, a note only says how it is. */
export type Severity = "error" | "warning" | "note";

interface Row {
  /** Stable name. */
  readonly code: string;
  readonly severity: Severity;
  /** What holds when nothing is found. */
  readonly title: string;
  readonly why: string;
}

/** What was found, in words, such as `2.0 GiB of swap`; undefined: all is well. */
export type Finder = (facts: Facts, spec: ClusterSpec) => string | undefined;

/** A fact about one host. */
export interface HostCheck extends Row {
  readonly find: Finder;
  /** What to do; commands where there are any. */
  readonly remedy: string | ((facts: Facts, spec: ClusterSpec) => string);
}

/** A fact about several hosts together. */
export interface CrossCheck extends Row {
  readonly find: (
    all: readonly Facts[],
    spec: ClusterSpec,
  ) => readonly { readonly hosts: readonly string[]; readonly found: string }[];
  readonly remedy: string;
}

export interface Finding extends Row {
  readonly hosts: readonly string[];
  readonly found: string;
  readonly remedy: string;
}

export interface Preflight {
  readonly findings: readonly Finding[];
  /** Titles of the checks that found nothing anywhere. */
  readonly passed: readonly { readonly code: string; readonly title: string }[];
  /** Hosts that could not be asked, with the reason. */
  readonly unreachable: readonly { readonly host: string; readonly problem: string }[];
}

/** 0 nothing stops, 1 an error does, 3 some host could not be asked. */
export function preflightCode({ findings, unreachable }: Preflight): 0 | 1 | 3 {
  if (unreachable.length > 0) return 3;
  return findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

export function toJson(preflight: Preflight): string {
  return `${JSON.stringify({ schema: 1, exitCode: preflightCode(preflight), ...preflight }, null, 2)}\n`;
}
