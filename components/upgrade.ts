/**
 * In what order hosts take another release of Kubernetes (kubernetes.io: Upgrading kubeadm clusters; version skew policy): all have its
 * kubeadm and images first, then the control planes one after the other, then the workers one after the other. Where a node cannot
 * take it, those behind it are not touched. Without an upgrade, workers wait for nobody.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterSpec } from "../spec/types";
import type { AdditionalControlPlane, Worker } from "./joining";

export class UpgradeOrder {
  /** What must be done before the first control plane runs kubeadm. */
  readonly beforeFirst: Promise<pulumi.Resource[]> | undefined;
  /** Says which hosts join the first control plane; to be called once all are made. */
  known: (joined: readonly (AdditionalControlPlane | Worker)[]) => void = () => {};

  /** `running` is the release of the cluster that runs, when that is known. */
  constructor(running: string | undefined, { kubernetes }: ClusterSpec) {
    if (running === undefined || running === kubernetes.version) return;
    this.beforeFirst = new Promise((resolve) => {
      this.known = (joined) => resolve(joined.map(({ system }) => system));
    });
  }

  /** The host that the next worker waits for. */
  beforeWorker(planes: readonly AdditionalControlPlane[], workers: readonly Worker[]) {
    return this.beforeFirst === undefined ? undefined : (workers.at(-1) ?? planes.at(-1));
  }
}
