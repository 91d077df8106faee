/** Two specs compared: the changed fields, what they change where, and what that does to the running cluster. Pure. */
import type { Upstream } from "../../addons/upstream";
import type { ClusterSpec } from "../../spec/types";
import { type ClusterPlan, planCluster } from "../plan";
import { changedFields, type FieldChange } from "./fields";
import { type HostGroup, hostGroups } from "./hosts";
import { type Effect, IMPACTS, type Impact, worst } from "./impact";
import { changedObjects, type ObjectChange } from "./objects";
import { type RefusedChange, refusals } from "./refused";

/** An effect and where it shows. */
export interface Consequence extends Effect {
  /** In the order of the specs; empty: no host. */
  readonly hosts: readonly string[];
}

export interface Diff {
  readonly cluster: string;
  /** How many hosts the wanted cluster has. */
  readonly size: number;
  /** Whether there was no cluster of this spec before. */
  readonly created: boolean;
  readonly changed: boolean;
  /** The worst of all. */
  readonly impact: Impact;
  readonly refused: readonly RefusedChange[];
  readonly fields: readonly FieldChange[];
  /** Every effect once, the worst first. */
  readonly consequences: readonly Consequence[];
  readonly hosts: readonly HostGroup[];
  readonly objects: readonly ObjectChange[];
  /** Whether `pulumi up` proves the cluster again. */
  readonly verified: boolean;
}

/** The way from `old` to `wanted`; without `old`, the cluster is new. */
export function diffSpecs(old: ClusterSpec | undefined, wanted: ClusterSpec, upstream?: Upstream): Diff {
  const [before, after] = [old && planCluster(old, upstream), planCluster(wanted, upstream)];
  const fields = changedFields(old, wanted);
  const refused = old === undefined ? [] : refusals(old, wanted);
  const stopped = refused.some(({ by }) => by === "host");
  const hosts = reached(hostGroups(before, after, renamedHosts(refused)), stopped);
  const objects = changedObjects(before?.objects ?? [], after.objects).map((one) =>
    stopped ? { ...one, ...NOT_REACHED } : one,
  );
  const verified = !stopped && provenAgain(before, after, hosts, objects);
  const found = consequences(wanted, hosts, objects, fields, verified);
  const impacts = [...found.map(({ impact }) => impact), ...refused.map(() => "refused" as const)];
  return {
    cluster: wanted.name,
    size: wanted.hosts.length,
    created: old === undefined,
    changed: fields.length + hosts.length + objects.length > 0,
    impact: worst(impacts),
    refused,
    fields,
    consequences: found,
    hosts,
    objects,
    verified,
  };
}

function renamedHosts(refused: readonly RefusedChange[]): ReadonlySet<string> {
  return new Set(refused.filter(({ code }) => code === "host-renamed").flatMap(({ from, to }) => [from, to]));
}

const NOT_REACHED: { readonly impact: Impact; readonly effects: readonly Effect[] } = {
  impact: "refused",
  effects: [{ impact: "refused", what: "is not reached: the control plane refuses first" }],
};

/** When the control plane refuses, no host is joined, changed by its step kubernetes, or removed in this run. */
function reached(groups: readonly HostGroup[], stopped: boolean): readonly HostGroup[] {
  if (!stopped) return groups;
  return groups.map((group) => {
    if (group.change !== "changed") return { ...group, ...NOT_REACHED };
    const steps = group.steps.map((step) => (step.step === "kubernetes" ? { ...step, ...NOT_REACHED_STEP } : step));
    const effects = [...group.effects, ...steps.flatMap((step) => step.effects)];
    return { ...group, steps, impact: worst(effects.map(({ impact }) => impact)) };
  });
}

const NOT_REACHED_STEP = { effects: NOT_REACHED.effects };

/** Verification hangs on the digest of a plan (plan/plan.ts): steps, objects and checks. */
function provenAgain(
  before: ClusterPlan | undefined,
  after: ClusterPlan,
  hosts: readonly HostGroup[],
  objects: readonly ObjectChange[],
): boolean {
  const steps = hosts.some((group) => group.steps.length > 0);
  return steps || objects.length > 0 || JSON.stringify(before?.checks) !== JSON.stringify(after.checks);
}

const LATER: Effect = {
  impact: "nothing",
  component: "verification",
  what: "pulumi up does not prove the cluster again for this; dualstack verify does, whenever you like",
};

function consequences(
  { hosts: all }: ClusterSpec,
  hosts: readonly HostGroup[],
  objects: readonly ObjectChange[],
  fields: readonly FieldChange[],
  verified: boolean,
): Consequence[] {
  const everyone = all.map(({ name }) => name);
  const found = new Map<string, { effect: Effect; hosts: Set<string> }>();
  const add = (effect: Effect, where: readonly string[]) => {
    if (effect.impact === "refused") return;
    const key = JSON.stringify(effect);
    const known = found.get(key) ?? { effect, hosts: new Set<string>() };
    for (const host of effect.everywhere ? everyone : where) known.hosts.add(host);
    found.set(key, known);
  };
  for (const group of hosts) {
    for (const effect of [...group.effects, ...group.steps.flatMap(({ effects }) => effects)]) add(effect, group.hosts);
  }
  for (const object of objects) {
    const name = [object.namespace, object.name].filter((part) => part !== undefined).join("/");
    for (const effect of object.effects)
      add(effect.component ? effect : { ...effect, component: `${object.kind} ${name}` }, []);
  }
  if (!verified && fields.some(({ path }) => path.startsWith("verification."))) add(LATER, []);
  return [...found.values()]
    .map(({ effect, hosts }) => ({ ...effect, hosts: [...hosts] }))
    .sort((a, b) => IMPACTS.indexOf(b.impact) - IMPACTS.indexOf(a.impact));
}

/** What the command ends with: 0 nothing changed, 1 something did, 2 something is refused. */
export function exitCode({ changed, refused }: Diff): 0 | 1 | 2 {
  if (refused.length > 0) return 2;
  return changed ? 1 : 0;
}
