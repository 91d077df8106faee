/** What waits for what when objects are made. */
import type { PlannedObject } from "../../addons/objects";
import { waitsFor } from "../../addons/order";

function planned(apiVersion: string, kind: string, name: string, namespace?: string): PlannedObject {
  return { object: { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) } }, mode: "create" };
}

const objects: readonly PlannedObject[] = [
  planned("v1", "Namespace", "ours"),
  planned("apiextensions.k8s.io/v1", "CustomResourceDefinition", "pools.example.io"),
  planned("v1", "ConfigMap", "settings", "ours"),
  planned("v1", "ConfigMap", "elsewhere", "kube-system"),
  planned("apps/v1", "DaemonSet", "agent", "ours"),
  planned("example.io/v1", "Pool", "default", "ours"),
  { ...planned("v1", "Service", "kube-dns", "kube-system"), mode: "patch" },
];

test("an object waits for its namespace, pods for what they read, objects of other kinds for their kinds and webhooks", () => {
  const names = objects.map(({ object }) => object.metadata.name);
  const waits = Object.fromEntries(waitsFor(objects).map((list, i) => [names[i], list.map((j) => names[j])]));
  expect(waits).toEqual({
    ours: [],
    "pools.example.io": [],
    settings: ["ours"],
    elsewhere: [],
    agent: ["ours", "pools.example.io", "settings", "elsewhere", "kube-dns"],
    default: ["ours", "pools.example.io", "settings", "elsewhere", "agent", "kube-dns"],
    "kube-dns": [],
  });
});

test("the order in the list does not matter", () => {
  const turned = [...objects].reverse();
  const edges = (list: readonly PlannedObject[]) =>
    waitsFor(list)
      .flatMap((waits, i) => waits.map((j) => `${list[i]!.object.metadata.name} ${list[j]!.object.metadata.name}`))
      .sort();
  expect(edges(turned)).toEqual(edges(objects));
});
