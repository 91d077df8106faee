/** Changes of upstream objects, as objects. Each names what it expects to find, so a new release that lost it is an error. Pure. */
import type { KubeObject } from "./objects";

/** Fields of a container that changes touch. */
export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly [field: string]: unknown;
}

/** An environment variable with a value, or with a source of it. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

/** Fields of a DaemonSet, Deployment or Job that changes touch. */
export interface Workload extends KubeObject {
  readonly spec: {
    readonly template: {
      readonly metadata: KubeObject["metadata"];
      readonly spec: {
        readonly containers: readonly Container[];
        readonly initContainers?: readonly Container[];
        readonly [field: string]: unknown;
      };
    };
    readonly [field: string]: unknown;
  };
}

export interface ConfigMap extends KubeObject {
  readonly data: { readonly [key: string]: string };
}

/**
 * `objects` with the one of this kind and name changed.
 * @throws Error when it is not there.
 */
export function changeObject<O extends KubeObject>(
  objects: readonly KubeObject[],
  kind: O["kind"],
  name: string,
  change: (object: O) => O,
): KubeObject[] {
  if (!objects.some((one) => is(one, kind, name))) throw new Error(`the manifest holds no ${kind} ${name}`);
  return objects.map((one) => (is(one, kind, name) ? change(one as O) : one));
}

/** `objects` without the one of this kind and name. Throws Error when it is not there. */
export function withoutObject(objects: readonly KubeObject[], kind: string, name: string): KubeObject[] {
  const rest = objects.filter((one) => !is(one, kind, name));
  if (rest.length === objects.length) throw new Error(`the manifest holds no ${kind} ${name}`);
  return rest;
}

function is({ kind, metadata }: KubeObject, wanted: string, name: string): boolean {
  return kind === wanted && metadata.name === name;
}

/** A workload with one container or init container changed. Throws Error when it is not there. */
export function changeContainer(workload: Workload, name: string, change: (one: Container) => Container): Workload {
  const { containers, initContainers = [] } = workload.spec.template.spec;
  if (![...containers, ...initContainers].some((one) => one.name === name))
    throw new Error(`${workload.kind} ${workload.metadata.name} has no container ${name}`);
  const all = (list: readonly Container[]) => list.map((one) => (one.name === name ? change(one) : one));
  return changePods(workload, (spec) => ({
    ...spec,
    containers: all(containers),
    ...(initContainers.length === 0 ? {} : { initContainers: all(initContainers) }),
  }));
}

type PodSpec = Workload["spec"]["template"]["spec"];

/** A workload with the spec of its pods changed. */
export function changePods(workload: Workload, change: (spec: PodSpec) => PodSpec): Workload {
  const { template } = workload.spec;
  return { ...workload, spec: { ...workload.spec, template: { ...template, spec: change(template.spec) } } };
}

/** A container with these variables: a known one keeps its place, others are added at the end, undefined takes one away. */
export function withEnv(
  container: Container,
  wanted: { readonly [name: string]: string | object | undefined },
): Container {
  const before = container.env ?? [];
  const known = new Set(before.map(({ name }) => name));
  const variable = (name: string): EnvVar[] => {
    const value = wanted[name];
    if (value === undefined) return [];
    return [typeof value === "string" ? { name, value } : { name, valueFrom: value }];
  };
  const kept = before.flatMap((one) => (one.name in wanted ? variable(one.name) : [one]));
  const added = Object.keys(wanted).filter((name) => !known.has(name));
  return { ...container, env: [...kept, ...added.flatMap(variable)] };
}

/** A workload whose pods are new when `source` changes, for pods that read their configuration once. */
export function withAnnotation(workload: Workload, name: string, value: string): Workload {
  const { template } = workload.spec;
  const annotations = { ...template.metadata.annotations, [name]: value };
  const metadata = { ...template.metadata, annotations };
  return { ...workload, spec: { ...workload.spec, template: { ...template, metadata } } };
}
