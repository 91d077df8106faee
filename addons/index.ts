/** Everything that lands in the cluster, in the order in which it is created. Pure. */
import type { ClusterSpec } from "../spec/types";
import { dnsService } from "./dns";
import { flannel } from "./flannel";
import { ipMasq } from "./ip-masq";
import { nodeLocalDns } from "./nodelocaldns";
import type { PlannedObject } from "./objects";

/** The objects of a cluster: the CNI first. */
export function addons(spec: ClusterSpec): PlannedObject[] {
  return [
    ...flannel(spec).map((object) => ({ object, mode: "create" as const })),
    ...dnsService(spec).map((object) => ({ object, mode: "patch" as const })),
    ...[...ipMasq(spec), ...nodeLocalDns(spec)].map((object) => ({ object, mode: "create" as const })),
  ];
}
