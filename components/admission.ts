/** How a cluster lets a host in: for some minutes, by the token that the host made itself. */
import type * as pulumi from "@pulumi/pulumi";
import { certificateUpload } from "../hosts/control-plane";
import type { HostPlan } from "../plan/plan";
import type { ClusterSpec } from "../spec/types";
import type { ControlPlane } from "./control-plane";
import { credentialsOf, known, type LoginArgs } from "./step";

export interface Admission {
  plan: HostPlan;
  /** What the host's step system printed: its token, and the certificate key of a control plane. Secret. */
  tickets: pulumi.Output<string>;
  controlPlane: ControlPlane;
  login: LoginArgs;
  spec: ClusterSpec;
}

/** Minutes in which a joining host must be done. */
const MINUTES = 15;

/**
 * A resource hook that admits the host just before its join, so no token ever leads to a change on a later run. A host that
 * becomes a control plane finds the cluster's keys, too.
 */
export function admit({ plan, tickets, controlPlane, login, spec }: Admission): () => Promise<void> {
  return async () => {
    const [kubeconfig, printed] = await Promise.all([known(controlPlane.kubeconfig), known(tickets)]);
    const [token = "", certificateKey] = printed.split(" ");
    if (token === "") return;
    if (certificateKey !== undefined) {
      const { layOutCertificates } = require("../live/certificates") as typeof import("../live/certificates");
      await layOutCertificates(controlPlane.plan, certificateUpload(spec, certificateKey), await credentialsOf(login));
    }
    // loaded only when a host joins: the client is large
    const { Kubernetes } = require("../live/kubernetes") as typeof import("../live/kubernetes");
    await new Kubernetes(kubeconfig).admit(token, MINUTES, `dualstack: join of ${plan.host.name}`);
  };
}
