/** Calico on every family of the cluster: its manifests changed as objects, or its operator and what it is to do. Pure. */
import type { Calico, ClusterSpec } from "../../spec/types";
import { created, type PlannedObject } from "../objects";
import type { Upstream } from "../upstream";
import { calicoManifest } from "./manifest";
import { calicoOperator } from "./operator";

/** The objects of Calico. Throws Error when its manifest cannot be had or is not what these changes expect. */
export function calico(spec: ClusterSpec, cni: Calico, upstream: Upstream): PlannedObject[] {
  return cni.install === "operator"
    ? created(calicoOperator(spec, cni, upstream))
    : calicoManifest(spec, cni, upstream);
}
