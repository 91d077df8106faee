/** What differs on the hosts from the plan, as data. docs/drift.schema.json describes its JSON. Pure. */
import type { StepName } from "../../hosts/document";
import type { Hunk } from "../diff/lines";

/** One thing that is not as planned. */
export interface Drift {
  /** The step that brings it in place: running it again repairs it. */
  readonly step: StepName;
  readonly kind: "step" | "file" | "leftover" | "sysctl" | "module" | "address" | "route" | "service" | "version";
  /** What: a path, a key, `eth0 10.0.0.11/24`. */
  readonly name: string;
  readonly planned: string;
  readonly found: string;
  /** The lines of a file that differ: `removed` are planned, `added` are on the host. */
  readonly lines?: readonly Hunk[];
}

export interface HostDrift {
  readonly host: string;
  readonly state: "clean" | "drifted" | "unreachable";
  /** Why it could not be asked; only of an unreachable host. */
  readonly problem?: string;
  readonly drift: readonly Drift[];
}

/** 0 every host is as planned, 1 some is not, 3 some could not be asked. */
export function driftCode(hosts: readonly HostDrift[]): 0 | 1 | 3 {
  if (hosts.some(({ state }) => state === "unreachable")) return 3;
  return hosts.some(({ state }) => state === "drifted") ? 1 : 0;
}

/** The same difference on several hosts is one. */
export interface DriftGroup {
  readonly hosts: readonly string[];
  readonly drift: Drift;
}

/** Equal differences together, in the order of their first host. */
export function grouped(hosts: readonly HostDrift[]): DriftGroup[] {
  const groups = new Map<string, { hosts: string[]; drift: Drift }>();
  for (const { host, drift } of hosts) {
    for (const one of drift) {
      const key = JSON.stringify(one);
      const known = groups.get(key);
      if (known === undefined) groups.set(key, { hosts: [host], drift: one });
      else known.hosts.push(host);
    }
  }
  return [...groups.values()];
}

export function toJson(hosts: readonly HostDrift[]): string {
  return `${JSON.stringify({ schema: 1, exitCode: driftCode(hosts), hosts }, null, 2)}\n`;
}
