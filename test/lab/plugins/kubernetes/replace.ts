/** Fields that the API does not let change: a change of theirs needs a new object. The list is the official plugin's. */
import { touches } from "../engine/diff";
import type { KubeObject } from "./objects";

const fixed: Record<string, string[]> = {
  DaemonSet: ["spec.selector"],
  Deployment: ["spec.selector"],
  StatefulSet: [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  Job: ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  ClusterRoleBinding: ["roleRef"],
  RoleBinding: ["roleRef"],
  Secret: ["type"],
  Service: ["spec.clusterIP"],
  StorageClass: ["parameters", "provisioner"],
};

/** Fields that the official plugin treats as fixed, unless told by its settings that they may change in place. */
const frozen: Record<string, string[]> = { ConfigMap: ["data", "binaryData"], Secret: ["data", "stringData"] };

/** Whether a changed path of this object needs a new object. */
export function needsReplacement(path: string, object: KubeObject, mutableKinds: string[]): boolean {
  const always = ["apiVersion", "kind", "metadata.name"];
  const isFrozen = !mutableKinds.includes(object.kind) || object.immutable === true;
  const fields = [...always, ...(fixed[object.kind] ?? []), ...(isFrozen ? (frozen[object.kind] ?? []) : [])];
  return fields.some((field) => touches(path, field));
}
