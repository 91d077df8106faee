/** What differs on each host, and the hosts on which the same differs put together. */
import type { ClusterSpec, Role } from "../../spec/types";
import { type ClusterPlan, type HostPlan, steps } from "../plan";
import { Comparer, type Differences, type StepChange, wholeStep } from "./changes";
import * as whole from "./effects/hosts";
import { initEffects, joinEffects } from "./effects/kubernetes";
import { networkEffects } from "./effects/network";
import { systemEffects } from "./effects/system";
import { upgradeEffects } from "./effects/upgrade";
import { type Effect, type Impact, worst } from "./impact";

/** Hosts on which the same happens. */
export interface HostGroup {
  readonly hosts: readonly string[];
  readonly role: Role;
  readonly change: "added" | "removed" | "changed";
  readonly impact: Impact;
  readonly steps: readonly StepChange[];
  /** Of the host as a whole. */
  readonly effects: readonly Effect[];
}

/** `renamed` are the hosts that come or go by name only. */
export function hostGroups(
  old: ClusterPlan | undefined,
  wanted: ClusterPlan,
  renamed: ReadonlySet<string>,
): HostGroup[] {
  const comesOrGoes = (plan: HostPlan, change: "added" | "removed") =>
    wholeHost(plan, change, renamed.has(plan.host.name));
  const comparer = new Comparer();
  const before = old?.hosts ?? [];
  const after = wanted.hosts;
  const was = new Map(before.map((plan) => [plan.host.name, plan]));
  const now = new Set(after.map(({ host }) => host.name));
  const changes = after.flatMap((plan): HostGroup[] => {
    const from = was.get(plan.host.name);
    if (old === undefined || from === undefined) return [comesOrGoes(plan, "added")];
    return changed(comparer, from, plan, old.spec, wanted.spec);
  });
  const gone = before.filter(({ host }) => !now.has(host.name)).map((plan) => comesOrGoes(plan, "removed"));
  return joined([...changes, ...gone]);
}

function makesCluster({ kubernetes }: HostPlan): boolean {
  return kubernetes.values.some(([name, value]) => name === "role" && value === "init");
}

function wholeHost(plan: HostPlan, change: "added" | "removed", renamed: boolean): HostGroup {
  const { host } = plan;
  const effects = renamed
    ? whole.renamed()
    : change === "added"
      ? whole.added(host, makesCluster(plan))
      : whole.removed(host);
  const all = steps(plan).map((step) => ({ ...wholeStep(step, change), effects: [] }));
  return { hosts: [host.name], role: host.role, change, impact: impactOf(effects, all), steps: all, effects };
}

function changed(comparer: Comparer, from: HostPlan, to: HostPlan, old: ClusterSpec, wanted: ClusterSpec): HostGroup[] {
  const effects = [
    ...(from.host.role === to.host.role ? [] : whole.otherRole()),
    ...whole.reached(from.host, to.host, old.ssh.identityFile !== wanted.ssh.identityFile),
  ];
  const [before, after] = [steps(from), steps(to)];
  const found = after.flatMap((step, index): StepChange[] => {
    const differences = comparer.steps(before[index]!, step);
    if (differences === undefined) return [];
    return [{ ...differences, effects: stepEffects(differences, from, to, old, wanted) }];
  });
  if (found.length + effects.length === 0) return [];
  const { name, role } = to.host;
  return [{ hosts: [name], role, change: "changed", impact: impactOf(effects, found), steps: found, effects }];
}

function stepEffects(
  differences: Differences,
  from: HostPlan,
  to: HostPlan,
  old: ClusterSpec,
  wanted: ClusterSpec,
): Effect[] {
  if (differences.step === "network") return networkEffects(differences);
  if (differences.step === "system") return systemEffects(differences, old, wanted);
  if (from.host.role !== to.host.role) return [];
  const upgrade = upgradeEffects(old, wanted, to.host);
  if (makesCluster(to)) return [...upgrade, ...initEffects(differences, from.kubernetes, to.kubernetes, old, wanted)];
  const others = joinEffects(differences, old, wanted);
  return upgrade.length === 0 ? others : [...upgrade, ...others.filter(({ impact }) => impact !== "nothing")];
}

function impactOf(effects: readonly Effect[], found: readonly StepChange[]): Impact {
  return worst([...effects, ...found.flatMap((step) => step.effects)].map(({ impact }) => impact));
}

/** In the order in which the first host of each group stands in the plan. */
function joined(changes: readonly HostGroup[]): HostGroup[] {
  const groups = new Map<string, HostGroup & { hosts: string[] }>();
  for (const { hosts, ...change } of changes) {
    const key = JSON.stringify(change);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { hosts: [...hosts], ...change });
    else group.hosts.push(...hosts);
  }
  return [...groups.values()];
}
