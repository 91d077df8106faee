/** What a Pulumi program imports: `import { Cluster, loadSpec } from "dualstack"`. */
export { ServiceError } from "../addons/services/families";
export { loadSpec, SpecError } from "../spec";
export type { ClusterSpec } from "../spec/types";
export { Addons, type AddonsArgs } from "./addons";
export { Cluster, type ClusterArgs } from "./cluster";
export { ControlPlane, type ControlPlaneArgs } from "./control-plane";
export { DualStackService, type DualStackServiceArgs } from "./dual-stack-service";
export { Host, type HostArgs } from "./host";
export { AdditionalControlPlane, type JoiningHostArgs, Worker } from "./joining";
export { KindCluster, type KindClusterArgs } from "./kind";
export { Members, type MembersArgs } from "./members";
export { mistake, type Running, refuseChanges } from "./running";
export type { LoginArgs } from "./step";
export { Verification, type VerificationArgs } from "./verification";
