/** Preflight before a run: what stands in the way on the hosts that it will touch is told while nothing is changed yet. */
import type { Credentials } from "../../live/ssh";
import type { Diff } from "../../plan/diff";
import { type Preflight, renderPreflight } from "../../plan/preflight";
import { plural } from "../../plan/words";
import { type ClusterSpec, loadSpec } from "../../spec";
import { configuredKey, type Environment } from "./environment";

/** Hosts that are new, or whose plan is another one now, in the order of the spec; all of them where nobody knows what runs. */
export function touchedHosts({ hosts }: ClusterSpec, diff: Diff | undefined): string[] {
  const names = hosts.map(({ name }) => name);
  if (diff === undefined) return names;
  const touched = new Set(diff.hosts.flatMap((group) => (group.change === "removed" ? [] : group.hosts)));
  return names.filter((name) => touched.has(name));
}

/** What was found, or why nobody could look. */
export type Looked = { readonly found: Preflight } | { readonly skipped: string };

/**
 * Asks every host, since one that comes is held against the others, with the key that the run itself uses. Throws Error when the
 * spec names a private key that is not there.
 */
export async function lookBefore(environment: Environment, stack: boolean): Promise<Looked> {
  const key = await configuredKey(environment, stack);
  if (key !== undefined && "why" in key) return { skipped: key.why };
  // loaded late: a run that changes no host starts faster without the SSH client
  const { preflight } = require("../../live/preflight") as typeof import("../../live/preflight");
  const { credentialsOf } = require("../../live/private-key") as typeof import("../../live/private-key");
  const { spec } = loadSpec(environment.file);
  const credentials: Credentials = key ?? credentialsOf(spec);
  return { found: await preflight(spec, credentials) };
}

/** What of it stops the run: errors of hosts that are touched. A host that is out of reach and left alone stops nobody. */
export function stops({ findings, unreachable }: Preflight, touched: readonly string[]): boolean {
  const concerns = (host: string) => touched.includes(host);
  return (
    findings.some(({ severity, hosts }) => severity === "error" && hosts.some(concerns)) ||
    unreachable.some(({ host }) => concerns(host))
  );
}

/** For people: what is wrong and what to do; one line when nothing is. Notes are for `dualstack preflight`. */
export function toldBefore(found: Preflight, stopped: boolean, environment: string): string {
  const findings = found.findings.filter(({ severity }) => severity !== "note");
  if (findings.length + found.unreachable.length === 0)
    return `preflight: ${plural(found.passed.length, "check")} passed\n`;
  const end = stopped
    ? `nothing was changed. Mend the errors, then \`dualstack up ${environment}\` again; \`--skip-preflight\` goes on without asking the hosts, if you know better\n`
    : "";
  return `${renderPreflight({ ...found, findings })}${end}`;
}
