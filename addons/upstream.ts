/** How manifests and charts of other projects come into the plan: as text that the edge read and verified. Pure. */
import { parseAllDocuments } from "yaml";
import type { Pinned } from "./catalogue";
import type { KubeObject } from "./objects";

/** What Helm makes manifests of, besides the chart. */
export interface Rendering {
  /** Name of the release, which charts write into names and labels. */
  readonly release: string;
  readonly namespace: string;
  /** Release of Kubernetes, such as 1.36.3: charts ask for it. */
  readonly kubernetes: string;
  readonly values: object;
}

/** Gives the text of pinned files. live/upstream.ts reads it from a mirror, the cache or the project. */
export interface Upstream {
  /** Text of a manifest. Throws Error, with what to do, when it cannot be had or is not what is pinned. */
  file(pinned: Pinned): string;
  /** The manifests that Helm makes of a pinned chart, without hooks and tests. Throws Error as `file` does. */
  chart(pinned: Pinned, rendering: Rendering): string;
}

/** For plans that need no file of others: whoever asks it is told. */
export const NO_UPSTREAM: Upstream = {
  file: ({ path }) => refuse(path),
  chart: ({ path }) => refuse(path),
};

function refuse(path: string): never {
  throw new Error(`${path}: this plan was made without upstream files; give planCluster an Upstream`);
}

/**
 * The objects of a text of YAML documents, those of a List one by one.
 * @throws Error when the text is not YAML, or a document is no Kubernetes object.
 */
export function readObjects(text: string, name: string): KubeObject[] {
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  if ("empty" in documents) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${name}: ${error.message}`);
    return flat(document.toJS(), name);
  });
}

function flat(value: unknown, name: string): KubeObject[] {
  if (value === null || value === undefined) return [];
  const { apiVersion, kind, items, metadata } = value as Partial<KubeObject>;
  if (Array.isArray(items) && kind?.endsWith("List")) return items.flatMap((item) => flat(item, name));
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof metadata?.name !== "string")
    throw new Error(`${name}: a document has no apiVersion, kind and name, so it is no Kubernetes object`);
  return [value as KubeObject];
}

/** The objects of a manifest. */
export function objectsOf(upstream: Upstream, pinned: Pinned): KubeObject[] {
  return readObjects(upstream.file(pinned), pinned.path);
}

/** The objects that Helm makes of a chart. */
export function chartObjects(upstream: Upstream, pinned: Pinned, rendering: Rendering): KubeObject[] {
  return readObjects(upstream.chart(pinned, rendering), pinned.path);
}
