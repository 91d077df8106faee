/** Taking a node out of a cluster: no new pods, its pods elsewhere, its Node gone. What `kubectl drain` and `kubectl delete node` do. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Kubernetes, V1Pod } from "./kubernetes";

/** How long pods of a node may take to go. */
const MINUTES = 10;

/**
 * Drains a node, and deletes its Node; a control plane does that itself when it has left etcd, which needs the Node. A node that is not there is done; of one that is not Ready the pods are evicted, but
 * not waited for: nobody is there to end them.
 * @throws Error that names the pods which stay, and why; the node stays cordoned then, and a later call goes on
 */
export async function retire(cluster: Kubernetes, name: string, minutes = MINUTES): Promise<void> {
  const node = (await cluster.nodes()).find(({ metadata }) => metadata?.name === name);
  if (node === undefined) return;
  await cluster.cordon(name);
  const isReady = node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  await drain(cluster, name, isReady, Date.now() + minutes * 60_000);
  if (node.metadata?.labels?.["node-role.kubernetes.io/control-plane"] === undefined) await cluster.deleteNode(name);
}

async function drain(cluster: Kubernetes, name: string, waits: boolean, until: number): Promise<void> {
  for (; ; await sleep(1000)) {
    const left = (await cluster.podsOn(name)).filter(goesElsewhere);
    const held: string[] = [];
    for (const pod of left) {
      const why = isGoing(pod) ? undefined : await cluster.evict(pod);
      if (why !== undefined) held.push(`${titleOf(pod)} (${why})`);
    }
    const going = left.filter(isGoing).map(titleOf);
    if (left.length === 0 || (!waits && held.length === 0)) return;
    if (Date.now() < until) continue;
    throw new Error(
      `node ${name} is cordoned, but not empty: ${[...held, ...going].join(", ")}. Move these pods or change their ` +
        "PodDisruptionBudget, then run again; 'kubectl uncordon' takes it back",
    );
  }
}

/** Pods of a DaemonSet come back at once, and mirror pods are the node's own (kubectl drain skips both); finished ones hold nothing up. */
function goesElsewhere({ metadata, status }: V1Pod): boolean {
  const isOwn = metadata?.annotations?.["kubernetes.io/config.mirror"] !== undefined;
  const isDaemon =
    metadata?.ownerReferences?.some(({ kind, controller }) => controller && kind === "DaemonSet") ?? false;
  return !isOwn && !isDaemon && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

const isGoing = ({ metadata }: V1Pod) => metadata?.deletionTimestamp !== undefined;

const titleOf = ({ metadata }: V1Pod) => `${metadata?.namespace}/${metadata?.name}`;
