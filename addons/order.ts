/** The order in which objects are made: what must wait for what, and no more. Pure. */
import { objectName, type PlannedObject } from "./objects";

/**
 * What must be there before `objects[i]`, as indexes: its namespace; for pods all that they may read; for objects of kinds that are
 * no part of Kubernetes also the kinds and the pods, since these may be asked whether the object is valid (webhooks).
 * All else is made at the same time.
 */
export function waitsFor(objects: readonly PlannedObject[]): number[][] {
  const ranks = objects.map(rankOf);
  const upTo = (most: number) => objects.flatMap((_, i) => (ranks[i]! <= most ? [i] : []));
  const [settings, workloads] = [upTo(SETTINGS), upTo(WORKLOAD)];
  const namespaces = new Map(objects.map(({ object }, i) => [objectName(object), i]));
  return objects.map(({ object, mode }, i) => {
    if (mode === "patch" || ranks[i] === FIRST) return [];
    if (ranks[i] === CUSTOM) return workloads;
    if (ranks[i] === WORKLOAD) return settings;
    const namespace = namespaces.get(`namespace-${object.metadata.namespace}`);
    return namespace === undefined ? [] : [namespace];
  });
}

const [FIRST, SETTINGS, WORKLOAD, CUSTOM] = [0, 1, 2, 3];

function rankOf({ object: { apiVersion, kind }, mode }: PlannedObject): number {
  if (mode === "patch") return SETTINGS;
  if (kind === "Namespace" || kind === "CustomResourceDefinition") return FIRST;
  if (["DaemonSet", "Deployment", "StatefulSet", "Job", "CronJob", "Pod"].includes(kind)) return WORKLOAD;
  return isOfKubernetes(apiVersion) ? SETTINGS : CUSTOM;
}

/** The API groups of Kubernetes itself, each with its name in the SDK of the Pulumi provider. */
export const GROUPS: { readonly [group: string]: string } = {
  "": "core",
  apps: "apps",
  autoscaling: "autoscaling",
  batch: "batch",
  policy: "policy",
  "admissionregistration.k8s.io": "admissionregistration",
  "apiextensions.k8s.io": "apiextensions",
  "apiregistration.k8s.io": "apiregistration",
  "coordination.k8s.io": "coordination",
  "networking.k8s.io": "networking",
  "rbac.authorization.k8s.io": "rbac",
  "scheduling.k8s.io": "scheduling",
  "storage.k8s.io": "storage",
};

/** `apps/v1` is of the group apps, `v1` of the group without a name. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.split("/")[0]! : "";
}

function isOfKubernetes(apiVersion: string): boolean {
  return Object.hasOwn(GROUPS, groupOf(apiVersion));
}
