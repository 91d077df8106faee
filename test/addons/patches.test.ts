/** The changes of objects that a spec asks for. */
import type { PlannedObject } from "../../addons/objects";
import { merge, patched } from "../../addons/patches";

const agent = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "agent", namespace: "net" },
  spec: {
    paused: true,
    args: ["a", "b"],
    containers: [
      { name: "main", image: "one", env: [{ name: "A", value: "1" }] },
      { name: "side", image: "two" },
    ],
  },
};
const objects: readonly PlannedObject[] = [
  { object: agent, mode: "create" },
  { object: { ...agent, metadata: { name: "agent", namespace: "other" } }, mode: "create" },
];
const target = { kind: "DaemonSet", name: "agent", namespace: "net" };

test("maps are merged, null takes away, named things are merged by name, other lists are replaced", () => {
  const change = {
    spec: {
      paused: null,
      args: ["c"],
      containers: [{ name: "main", env: [{ name: "B", value: "2" }] }, { name: "new" }],
    },
  };
  const [first, second] = patched(objects, [{ ...target, merge: change }]);
  expect(first!.object.spec).toEqual({
    args: ["c"],
    containers: [
      {
        name: "main",
        image: "one",
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      },
      { name: "side", image: "two" },
      { name: "new" },
    ],
  });
  expect(second).toBe(objects[1]);
  expect(agent.spec.paused).toBe(true);
});

test("patches follow one another", () => {
  const [first] = patched(objects, [
    { ...target, merge: { spec: { args: ["c"] } } },
    { ...target, merge: { spec: { args: ["d"] } } },
  ]);
  expect(first!.object.spec).toMatchObject({ args: ["d"] });
});

test.each([
  [
    { ...target, name: "agnt", merge: {} },
    "patches[0]: there is no DaemonSet net agnt in the plan; of this kind there are agent, agent",
  ],
  [{ kind: "Secret", name: "x", merge: {} }, "patches[0]: there is no Secret x in the plan; it has no Secret"],
  [
    { kind: "DaemonSet", name: "agent", merge: {} },
    "patches[0]: there are several DaemonSet agent; name its namespace too",
  ],
  [
    { ...target, merge: { metadata: { name: "other" } } },
    "patches[0].merge: apiVersion, kind, name and namespace stay as they are",
  ],
])("a patch that fits nothing says so: %#", (patch, message) => {
  expect(() => patched(objects, [patch])).toThrow(new Error(message));
});

test("the example of RFC 7396 is merged as there", () => {
  const before = { title: "Goodbye!", author: { givenName: "John", familyName: "Doe" }, tags: ["example", "sample"] };
  const change = { title: "Hello!", phoneNumber: "+01-123-456-7890", author: { familyName: null }, tags: ["example"] };
  expect(merge(before, change)).toEqual({
    title: "Hello!",
    author: { givenName: "John" },
    tags: ["example"],
    phoneNumber: "+01-123-456-7890",
  });
});
