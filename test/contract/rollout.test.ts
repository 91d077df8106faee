/** When the double takes a workload for rolled out, and what it says of pods that are not ready. */
import type { Api } from "../lab/plugins/kubernetes/api";
import { pending, rollout } from "../lab/plugins/kubernetes/rollout";

const daemons = (status: object) => ({
  ...{ apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "agent", namespace: "net", generation: 2 } },
  ...{ spec: { selector: { matchLabels: { app: "agent" } } }, status },
});
const deployment = (status: object) => ({ ...daemons(status), kind: "Deployment", spec: { replicas: 2 } });

test.each([
  [
    "another generation",
    { observedGeneration: 1, desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberReady: 1 },
  ],
  ["old pods", { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberReady: 2 }],
  ["unready pods", { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberReady: 1 }],
])("a DaemonSet with %s is waited for", (_, status) => expect(pending(daemons(status))).toBeDefined());

test.each([
  ["all pods", { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberReady: 2 }],
  ["no node to run on", { observedGeneration: 2, desiredNumberScheduled: 0 }],
])("a DaemonSet with %s is rolled out", (_, status) => expect(pending(daemons(status))).toBeUndefined());

test("a Deployment is waited for until the old pods are gone", () => {
  const done = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  expect(pending(deployment(done))).toBeUndefined();
  expect(pending(deployment({ ...done, replicas: 3 }))).toMatch(/1 old/);
});

test("after the time is over, each pod that is not ready is named with its reason", async () => {
  const broken = {
    name: "main",
    ready: false,
    state: { waiting: { reason: "ImagePullBackOff", message: "no such image" } },
  };
  const crashed = { name: "main", ready: false, lastState: { terminated: { exitCode: 1, reason: "Error" } } };
  const pods = [
    { metadata: { name: "agent-1" }, spec: { nodeName: "w-1" }, status: { containerStatuses: [broken] } },
    { metadata: { name: "agent-2" }, spec: { nodeName: "w-2" }, status: { containerStatuses: [crashed] } },
    { metadata: { name: "agent-3" }, spec: {}, status: { conditions: [{ type: "Ready", status: "True" }] } },
  ];
  const live = daemons({ observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 1 });
  const api = { get: async () => live, request: async () => ({ items: pods }) } as unknown as Api;
  const place = { path: "", title: "DaemonSet net/agent" };
  const never = new AbortController().signal;
  expect((await rollout(api, place, live, -1, never, () => {})).reasons).toEqual([
    "DaemonSet net/agent: not rolled out after -1 s: 3 updated and 1 ready of 3 pods",
    "pod agent-1 on w-1: container main ImagePullBackOff: no such image",
    "pod agent-2 on w-2: container main ended with code 1 (Error)",
  ]);
});
