/** The changes of objects that the spec asks for itself: the last word on everything that dualstack has no field for. Pure. */
import type { Json, Patch } from "../spec/types";
import { type KubeObject, objectName, type PlannedObject } from "./objects";

/**
 * `objects` with every patch of the spec, in the order of the spec.
 * @throws Error when a patch names an object that is not there, or changes what tells an object from another.
 */
export function patched(objects: readonly PlannedObject[], patches: readonly Patch[]): PlannedObject[] {
  return patches.reduce<PlannedObject[]>((all, patch, i) => apply(all, patch, `patches[${i}]`), [...objects]);
}

function apply(objects: readonly PlannedObject[], patch: Patch, path: string): PlannedObject[] {
  const hits = objects.filter(({ object, mode }) => mode === "create" && fits(object, patch));
  if (hits.length !== 1) {
    const target = [patch.kind, patch.namespace, patch.name].filter((part) => part !== undefined).join(" ");
    throw new Error(`${path}: ${hits.length === 0 ? missing(objects, patch, target) : several(target)}`);
  }
  return objects.map((one) => {
    if (one !== hits[0]) return one;
    const object = merge(one.object as Json, patch.merge) as KubeObject;
    if (objectName(object) !== objectName(one.object) || object.apiVersion !== one.object.apiVersion)
      throw new Error(`${path}.merge: apiVersion, kind, name and namespace stay as they are`);
    return { ...one, object };
  });
}

function fits({ kind, metadata }: KubeObject, patch: Patch): boolean {
  const named = kind === patch.kind && metadata.name === patch.name;
  return named && (patch.namespace === undefined || patch.namespace === metadata.namespace);
}

function missing(objects: readonly PlannedObject[], { kind }: Patch, target: string): string {
  const names = objects.filter(({ object, mode }) => mode === "create" && object.kind === kind);
  const known = names.map(({ object }) => object.metadata.name).join(", ");
  return `there is no ${target} in the plan; ${known === "" ? `it has no ${kind}` : `of this kind there are ${known}`}`;
}

function several(target: string): string {
  return `there are several ${target}; name its namespace too`;
}

/**
 * `value` with `change` in it, as RFC 7396 has it: maps are merged, null takes a key away, all else is replaced. Beyond it, lists
 * whose items have names (containers, variables, volumes, ports) are merged by name, as Kubernetes' own patches do.
 */
export function merge(value: Json | undefined, change: Json): Json {
  if (Array.isArray(change)) return isNamed(value) && isNamed(change) ? mergeNamed(value, change) : change;
  if (typeof change !== "object" || change === null) return change;
  const before = isMap(value) ? value : {};
  const kept = Object.entries(before).filter(([key]) => !(key in change));
  const changed = Object.entries(change)
    .filter(([, one]) => one !== null)
    .map(([key, one]) => [key, merge(before[key], one)]);
  return Object.fromEntries([...kept, ...changed]);
}

type Named = { readonly name: string; readonly [key: string]: Json };

function mergeNamed(value: readonly Named[], change: readonly Named[]): Json[] {
  const changes = new Map(change.map((one) => [one.name, one]));
  const known = new Set(value.map(({ name }) => name));
  const kept = value.map((one) => (changes.has(one.name) ? merge(one, changes.get(one.name)!) : one));
  return [...kept, ...change.filter(({ name }) => !known.has(name))];
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNamed(value: Json | undefined): value is Named[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => isMap(one) && typeof one.name === "string");
}
