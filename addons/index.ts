/** Everything that lands in the cluster. Pure. */
import type { ClusterSpec } from "../spec/types";
import { calico } from "./calico";
import { cilium } from "./cilium";
import { dnsService } from "./dns";
import { flannel } from "./flannel";
import { ingressControllers } from "./ingress";
import { ipMasq } from "./ip-masq";
import { metallb } from "./metallb";
import { nodeLocalDns } from "./nodelocaldns";
import { created, type KubeObject, type PlannedObject } from "./objects";
import { patched } from "./patches";
import type { Upstream } from "./upstream";

/**
 * The objects of a cluster, the CNI's first; addons/order.ts says which wait for which.
 * @throws Error when an upstream file cannot be had, or a patch of the spec fits no object.
 */
export function addons(spec: ClusterSpec, upstream: Upstream): PlannedObject[] {
  const more = [...metallb(spec, upstream), ...ingressControllers(spec, upstream)];
  const own = created([...ipMasq(spec), ...nodeLocalDns(spec), ...more]);
  const objects = [...network(spec, upstream), ...fields(dnsService(spec)), ...own];
  return patched(objects.map(atOnce), spec.patches);
}

function network(spec: ClusterSpec, upstream: Upstream): PlannedObject[] {
  const { cni } = spec;
  switch (cni.kind) {
    case "flannel":
      return created(flannel(spec, cni));
    case "calico":
      return calico(spec, cni, upstream);
    case "cilium":
      return cilium(spec, cni, upstream);
  }
}

function fields(objects: readonly KubeObject[]): PlannedObject[] {
  return objects.map((object) => ({ object, mode: "patch" }));
}

/** The provider would wait for a Service's pods, which wait for what they need, the Service among it; `verify` proves that it answers. */
function atOnce(planned: PlannedObject): PlannedObject {
  const { object, mode } = planned;
  if (object.kind !== "Service" || mode === "patch") return planned;
  const annotations = { ...object.metadata.annotations, "pulumi.com/skipAwait": "true" };
  return { ...planned, object: { ...object, metadata: { ...object.metadata, annotations } } };
}
