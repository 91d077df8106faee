/** Kubernetes objects as plain data: what the plan shows and what the components create. */
import { createHash } from "node:crypto";

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: { readonly [key: string]: string };
    readonly annotations?: { readonly [key: string]: string };
  };
  readonly [field: string]: unknown;
}

/** An object of the plan: ours entirely, or fields that we set on one that kubeadm made. */
export interface PlannedObject {
  readonly object: KubeObject;
  readonly mode: "create" | "patch";
  /** Of a Secret: keys and the files on this machine that hold their values. They are read when it is made, and are in no plan. */
  readonly files?: { readonly [key: string]: string };
}

/** Objects that are ours entirely. */
export function created(objects: readonly KubeObject[]): PlannedObject[] {
  return objects.map((object) => ({ object, mode: "create" }));
}

/** A short digest of a value, by which pods are new when it changes. */
export function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/** A stable name for the object: `daemonset-kube-flannel-kube-flannel-ds`. */
export function objectName({ kind, metadata }: KubeObject): string {
  return [kind.toLowerCase(), metadata.namespace, metadata.name].filter((part) => part !== undefined).join("-");
}
