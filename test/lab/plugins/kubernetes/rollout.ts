/** Waits until the pods of a workload are what its object says. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Props } from "../engine/wire";
import type { Api, Place } from "./api";
import { annotation, type KubeObject } from "./objects";

interface Workload extends KubeObject {
  spec: { replicas?: number; selector?: { matchLabels?: Record<string, string> } };
  status?: Record<string, number | undefined>;
}

/** Why a workload is not rolled out yet; undefined when it is, or when it is of a kind that is not waited for. */
export function pending(object: Props): string | undefined {
  const { kind, metadata, spec, status = {} } = object as Workload;
  const count = (name: string): number => status[name] ?? 0;
  if (kind !== "DaemonSet" && kind !== "Deployment") return undefined;
  if (count("observedGeneration") < Number(metadata.generation)) return "the controller has not seen the change yet";
  if (kind === "DaemonSet") {
    const wanted = count("desiredNumberScheduled");
    const [updated, ready] = [count("updatedNumberScheduled"), count("numberReady")];
    return updated >= wanted && ready >= wanted ? undefined : `${updated} updated and ${ready} ready of ${wanted} pods`;
  }
  const wanted = spec.replicas ?? 1;
  const [updated, available] = [count("updatedReplicas"), count("availableReplicas")];
  const old = count("replicas") - updated;
  if (updated >= wanted && available >= wanted && old <= 0) return undefined;
  return `${updated} updated and ${available} available of ${wanted} pods, ${old} old ones left`;
}

/** The workload once it is rolled out; after the time is over, the reasons why it is not. */
export async function rollout(
  api: Api,
  place: Place,
  live: Props,
  seconds: number,
  cancelled: AbortSignal,
  log: (message: string) => void,
): Promise<{ live: Props; reasons: string[] }> {
  if (annotation(live as KubeObject, "skipAwait") === "true") return { live, reasons: [] };
  const end = Date.now() + seconds * 1000;
  for (let now = live, said = ""; ; now = await api.get(place)) {
    const missing = pending(now);
    if (missing === undefined) {
      if (said !== "") log("");
      return { live: now, reasons: [] };
    }
    if (missing !== said) log(missing);
    said = missing;
    if (Date.now() > end || cancelled.aborted) {
      const after = cancelled.aborted ? "cancelled" : `not rolled out after ${seconds} s`;
      const pods = await unreadyPods(api, now as Workload);
      return { live: now, reasons: [`${place.title}: ${after}: ${missing}`, ...pods] };
    }
    await sleep(500);
  }
}

interface Pod {
  metadata: { name: string };
  spec: { nodeName?: string };
  status: {
    phase?: string;
    conditions?: Condition[];
    containerStatuses?: Container[];
    initContainerStatuses?: Container[];
  };
}
interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}
interface Ended {
  reason?: string;
  exitCode?: number;
}
interface Container {
  name: string;
  ready: boolean;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: Ended };
  lastState?: { terminated?: Ended };
}

async function unreadyPods(api: Api, { metadata, spec }: Workload): Promise<string[]> {
  const labels = Object.entries(spec.selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const query = new URLSearchParams({ labelSelector: labels.join(",") });
  const list = await api.request("GET", `/api/v1/namespaces/${metadata.namespace}/pods?${query}`, "pods");
  return ((list.items ?? []) as Pod[]).flatMap((pod) => {
    const ready = pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    return ready ? [] : [`pod ${pod.metadata.name} on ${pod.spec.nodeName ?? "no node"}: ${whyUnready(pod)}`];
  });
}

function whyUnready({ status }: Pod): string {
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].flatMap((one) => {
    const { waiting, terminated } = one.state ?? {};
    const ended = terminated ?? one.lastState?.terminated;
    if (one.ready || terminated?.exitCode === 0) return [];
    const how = waiting && [waiting.reason, waiting.message].filter(Boolean).join(": ");
    const last = ended && `ended with code ${ended.exitCode} (${ended.reason})`;
    return [`container ${one.name} ${[how, last].filter(Boolean).join(", ") || "is not ready"}`];
  });
  const unmet = (status.conditions ?? []).filter((one) => one.type === "PodScheduled" && one.status !== "True");
  const reasons = [...unmet.map((one) => one.message ?? one.reason ?? "not scheduled"), ...containers];
  return reasons.join("; ") || (status.phase ?? "no status yet");
}
