/** What of a run is done, under way and left, told from the engine's events. Pure: the clock is an argument. */
import type { StepName } from "../../hosts/document";
import type { EngineEvent, StepMetadata } from "./events";

export type State = "waiting" | "running" | "done" | "unchanged" | "failed" | "removed";

export interface Work {
  state: State;
  /** Milliseconds of the clock. */
  since?: number;
  seconds?: number;
  /** What the host said last. */
  line?: string;
  error?: string;
}

/** Something that happened to a step of a host, or to a resource in the cluster (then without `step`). */
export interface Notice {
  readonly host: string;
  readonly step?: StepName;
  readonly state: State;
  readonly seconds?: number;
  /** What the host said; the state is as before. */
  readonly line?: string;
}

export const STEPS: readonly StepName[] = ["network", "system", "kubernetes"];

export class Progress {
  readonly hosts = new Map<string, Record<StepName, Work>>();
  /** Addons, the verification and the making of a cluster in kind, by their names. */
  readonly cluster = new Map<string, Work>();
  /** Errors that belong to no step. */
  readonly errors: string[] = [];
  /** How many resources had which fate; empty before the end. */
  changes: { readonly [op: string]: number } = {};
  /** Results of the verification of this run; undefined when there was none. */
  checks: unknown;

  /** `hosts` in the order in which they are shown; others (such as removed ones) follow as they come. */
  constructor(hosts: readonly string[]) {
    for (const host of hosts) this.add(host);
  }

  private add(host: string): Record<StepName, Work> {
    const work = (): Work => ({ state: "waiting" });
    const steps = { network: work(), system: work(), kubernetes: work() };
    this.hosts.set(host, steps);
    return steps;
  }

  /** Takes an event at `now`, and tells what is new in it. */
  take(event: EngineEvent, now: number): Notice[] {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, summaryEvent } = event;
    if (summaryEvent?.resourceChanges) this.changes = summaryEvent.resourceChanges;
    if (resourcePreEvent) return this.begun(resourcePreEvent.metadata, now);
    if (resOutputsEvent) return this.ended(resOutputsEvent.metadata, now);
    if (resOpFailedEvent) return this.became(resOpFailedEvent.metadata, "failed", now);
    return diagnosticEvent ? this.said(diagnosticEvent) : [];
  }

  private begun(metadata: StepMetadata, now: number): Notice[] {
    return metadata.op === "same" ? [] : this.became(metadata, "running", now);
  }

  private ended(metadata: StepMetadata, now: number): Notice[] {
    const { op, type } = metadata;
    if (type.endsWith(":Verification") && op !== "same") this.checks = metadata.new?.outputs?.results ?? this.checks;
    return this.became(metadata, FATES[op] ?? "done", now);
  }

  private became({ urn, type }: StepMetadata, state: State, now: number): Notice[] {
    const found = this.find(urn, type);
    if (found === undefined) return [];
    const { host, step, work } = found;
    if (state === work.state) return [];
    work.state = state;
    if (state === "running") work.since = now;
    else if (work.since !== undefined) work.seconds = (now - work.since) / 1000;
    const { seconds } = work;
    return [{ host, ...(step && { step }), state, ...(seconds === undefined ? {} : { seconds }) }];
  }

  private said({ urn = "", message, severity, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): Notice[] {
    const found = this.find(urn, urn.split("::")[2]?.split("$").at(-1) ?? "");
    const text = message.trim();
    if (severity === "error") {
      // at the end the engine says this of the whole run
      if (text === "update failed" || text === "preview failed") return [];
      if (found === undefined) this.errors.push(text);
      else found.work.error = [...(found.work.error ? [found.work.error] : []), text].join("\n");
      return [];
    }
    if (found === undefined || !ephemeral || text === "") return [];
    const { host, step, work } = found;
    work.line = text.replace(/^dualstack: [^ ]+: /, "");
    return [{ host, ...(step && { step }), state: work.state, line: work.line }];
  }

  /** The work that a resource stands for; undefined for components, providers and the stack itself. */
  private find(urn: string, type: string): { host: string; step?: StepName; work: Work } | undefined {
    const named = stepOf(urn);
    if (named !== undefined) {
      const steps = this.hosts.get(named.host) ?? this.add(named.host);
      return { ...named, work: steps[named.step] };
    }
    const shown = type.startsWith("kubernetes:") ? `${type.split(":").at(-1)} ${urn.split("::").at(-1)}` : "";
    const title = TITLES[type] ?? shown;
    if (title === "") return undefined;
    const work = this.cluster.get(title) ?? { state: "waiting" };
    this.cluster.set(title, work);
    return { host: title, work };
  }
}

const TITLES: { readonly [type: string]: string } = {
  "dualstack:index:Verification": "verification",
  "command:local:Command": "kind",
};

/** The host and step that a resource is; undefined of others. */
export function stepOf(urn: string): { host: string; step: StepName } | undefined {
  const [, host, step] = /dualstack:index:(?:ControlPlane|Worker)\$command:remote:Command::(.+)-(\w+)$/.exec(urn) ?? [];
  const known = STEPS.find((one) => one === step);
  return host === undefined || known === undefined ? undefined : { host, step: known };
}

const FATES: { readonly [op: string]: State } = { same: "unchanged", delete: "removed", "delete-replaced": "removed" };

/** How far a host is. */
export function stateOf(steps: Readonly<Record<StepName, Work>>): State {
  const states = STEPS.map((step) => steps[step].state);
  for (const state of ["failed", "running"] as const) if (states.includes(state)) return state;
  if (states.every((state) => state === "unchanged")) return "unchanged";
  if (states.every((state) => state === "removed")) return "removed";
  return states.every((state) => state === "done" || state === "unchanged") ? "done" : "waiting";
}
