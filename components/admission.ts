/** How a cluster lets a host in: for some minutes, by the token that the host made itself. */
import type * as pulumi from "@pulumi/pulumi";
import { certificateUpload } from "../hosts/control-plane";
import type { HostPlan } from "../plan/plan";
import type { ClusterSpec } from "../spec/types";
import type { ControlPlane } from "./control-plane";
import { known } from "./step";

export interface Admission {
  plan: HostPlan;
  /** What the host's step system printed: its token, and the certificate key of a control plane. Secret. */
  tickets: pulumi.Output<string>;
  controlPlane: ControlPlane;
  spec: ClusterSpec;
}

/** Minutes in which a joining host must be done. */
const MINUTES = 15;

/**
 * A resource hook that admits the host just before its join, so no token ever leads to a change on a later run. A host that
 * becomes a control plane finds the cluster's keys, too.
 */
export function admit({ plan, tickets, controlPlane, spec }: Admission): () => Promise<void> {
  return async () => {
    const [kubeconfig, printed] = await Promise.all([known(controlPlane.kubeconfig), known(tickets)]);
    const [token = "", certificateKey] = printed.split(" ");
    if (token === "") return;
    if (certificateKey !== undefined) {
      await controlPlane.certificates().layOut(certificateUpload(spec, certificateKey));
    }
    // loaded only when a host joins: the client is large
    const { Kubernetes } = require("../live/kubernetes") as typeof import("../live/kubernetes");
    await new Kubernetes(kubeconfig).admit(token, MINUTES, `dualstack: join of ${plan.host.name}`);
  };
}
