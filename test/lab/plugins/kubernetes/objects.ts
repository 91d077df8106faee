/** Kubernetes objects between Pulumi's inputs and the API: names, ids, and what of a live object is kept. */
import { createHash, randomBytes } from "node:crypto";
import type { Stored, Subject } from "../engine/plugin";
import { isProps, keepSecrets, type Props, revealProps, secret } from "../engine/wire";

export interface Metadata extends Props {
  name?: string;
  namespace?: string;
  annotations?: Record<string, string>;
}

export interface KubeObject extends Props {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
}

const autonamed = "pulumi.com/autonamed";

/** The object that inputs or state describe, without marks and without what is Pulumi's own. */
export function objectOf(props: Props): KubeObject {
  const { status: _, ...own } = revealProps(props);
  const fields = Object.entries(own).filter(([key]) => !key.startsWith("__"));
  const object = Object.fromEntries(fields) as Props;
  return { ...object, metadata: object.metadata ?? {} } as KubeObject;
}

export const annotation = (object: KubeObject, name: string): string | undefined =>
  object.metadata.annotations?.[`pulumi.com/${name}`];

/** `ServicePatch` of a `Service`: some fields of an object that somebody else owns. */
export const isPatch = ({ type }: Subject, kind: string): boolean => type.endsWith(`:${kind}Patch`);

/** What a type and an id say of an object of which nothing else is known. */
export function identityOf({ type, id }: Stored): Props {
  const [, group = "", kind] = type.split(":");
  return { apiVersion: group.replace(/^core\//, ""), kind: kind?.replace(/Patch$/, ""), metadata: partsOf(id) };
}

export const idOf = (name: string, namespace?: string): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

export function partsOf(id: string): { name: string; namespace?: string } {
  const [first, second] = id.split("/");
  return second === undefined ? { name: first! } : { name: second, namespace: first! };
}

/** Gives a nameless object the name it had, or a new one: the resource's name and eight digits. */
export function withName({ name }: Subject, olds: Props, news: Props, seed: Uint8Array): Props {
  const metadata = isProps(news.metadata) ? (news.metadata as Metadata) : {};
  if (metadata.name !== undefined || metadata.generateName !== undefined) return news;
  const old = objectOf(olds).metadata;
  const before = old.annotations?.[autonamed] === "true" ? old.name : undefined;
  const bytes = seed.length > 0 ? createHash("sha256").update(seed).digest() : randomBytes(4);
  const annotations = { ...metadata.annotations, [autonamed]: "true" };
  const chosen = before ?? `${name}-${bytes.subarray(0, 4).toString("hex")}`;
  return { ...news, metadata: { ...metadata, name: chosen, annotations } };
}

/** Who we are to server-side apply: the same for a resource in every run, another for each resource. */
export const managerOf = ({ urn }: Subject, state: Props): string =>
  typeof state.__fieldManager === "string"
    ? state.__fieldManager
    : `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;

/** What Pulumi stores of a live object. Secrets stay secret: those of the inputs, and all of a Secret. */
export function stateOf(live: Props, inputs: Props, manager: string): Props {
  const { managedFields: _, ...metadata } = isProps(live.metadata) ? live.metadata : {};
  const state = keepSecrets({ ...live, metadata }, inputs) as Props;
  const hidden = live.kind !== "Secret" ? {} : { data: hide(state.data), stringData: hide(inputs.stringData) };
  return { ...state, ...hidden, __fieldManager: manager };
}

const hide = (value: unknown): unknown => (value === undefined ? undefined : secret(value));

/** The live values of just the fields that were asked for, so that a refresh shows drift and nothing else. */
export function project(live: unknown, asked: unknown): unknown {
  if (Array.isArray(live) && Array.isArray(asked) && live.length === asked.length) {
    return live.map((value, index) => project(value, asked[index]));
  }
  if (!isProps(live) || !isProps(asked)) return live;
  const fields = Object.keys(asked).filter((key) => key in live);
  return Object.fromEntries(fields.map((key) => [key, project(live[key], asked[key])]));
}
