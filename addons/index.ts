/** Everything that lands in the cluster. Pure. */
import type { ClusterSpec } from "../spec/types";
import { dnsService } from "./dns";
import { flannel } from "./flannel";
import { ipMasq } from "./ip-masq";
import { nodeLocalDns } from "./nodelocaldns";
import type { KubeObject, PlannedObject } from "./objects";
import { patched } from "./patches";
import type { Upstream } from "./upstream";

/**
 * The objects of a cluster, the CNI's first; addons/order.ts says which wait for which.
 * @throws Error when an upstream file cannot be had, or a patch of the spec fits no object.
 */
export function addons(spec: ClusterSpec, _upstream: Upstream): PlannedObject[] {
  const own = [...ipMasq(spec), ...nodeLocalDns(spec)];
  return patched([...created(flannel(spec)), ...fields(dnsService(spec)), ...created(own)], spec.patches);
}

function created(objects: readonly KubeObject[]): PlannedObject[] {
  return objects.map((object) => ({ object, mode: "create" }));
}

function fields(objects: readonly KubeObject[]): PlannedObject[] {
  return objects.map((object) => ({ object, mode: "patch" }));
}
