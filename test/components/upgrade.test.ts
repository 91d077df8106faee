/** The order in which hosts take another release, with Pulumi's mocks: who is registered to wait for whom. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parseSpec } from "../../spec";
import { recordHooks } from "./hooks";

const file = join(__dirname, "../plan/diff/kubernetes-with-three-planes/new.yaml");
const { spec } = parseSpec(
  `${readFileSync(file, "utf8")}  - name: worker-2
    role: worker
    interfaces:
      - name: eth0
        ipv4: {address: 10.0.0.13/24, gateway: 10.0.0.1}
        ipv6: {address: "fd00:10::13/64", gateway: "fe80::1"}
`,
  { file, placeholderKey: "k" },
);
const CA = readFileSync(join(__dirname, "ca.pem")).toString("base64");
const KUBECONFIG = JSON.stringify({
  "current-context": "a",
  clusters: [{ name: "a", cluster: { server: "https://10.0.0.11:6443", "certificate-authority-data": CA } }],
  contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
  users: [{ name: "a", user: { token: "t" } }],
});

/** In the order in which the engine was asked to make them, which is after all that each waits for. */
let made: string[] = [];
jest.setTimeout(60_000);
recordHooks();

beforeAll(() =>
  pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => {
        made.push(name);
        return {
          id: name,
          state: { ...inputs, stdout: name === "cp-1-kubernetes" ? KUBECONFIG : "abcdef.0123456789abcdef" },
        };
      },
      call: ({ inputs }) => inputs,
    },
    "dualstack",
    "prod",
    false,
  ),
);

async function orderOf(release: string | undefined): Promise<string[]> {
  made = [];
  const { Cluster } = require("../../components") as typeof import("../../components");
  const running = release === undefined ? {} : { release };
  const cluster = new Cluster(`prod-${release}`, { spec, running });
  await new Promise((resolve) => cluster.kubeconfig.apply(resolve));
  return made.filter((name) => /-(system|kubernetes)$/.test(name));
}

const steps = (order: string[], step: string) => order.filter((name) => name.endsWith(step));

test("every host has the programs before the first control plane; then one after the other, control planes first", async () => {
  const order = await orderOf("1.36.2");
  expect(order.slice(0, 5).sort()).toEqual(
    ["cp-1", "cp-2", "cp-3", "worker-1", "worker-2"].map((name) => `${name}-system`),
  );
  expect(steps(order, "-kubernetes")).toEqual(
    ["cp-1", "cp-2", "cp-3", "worker-1", "worker-2"].map((name) => `${name}-kubernetes`),
  );
});

test("a control plane that fails leaves the workers as they are: each waits for the one before", async () => {
  const { UpgradeOrder } = require("../../components/upgrade") as typeof import("../../components/upgrade");
  const [plane, worker] = [{ join: 1 }, { join: 2 }] as never[];
  const order = new UpgradeOrder("1.36.2", spec);
  expect(order.beforeWorker([plane!], [])).toBe(plane);
  expect(order.beforeWorker([plane!], [worker!])).toBe(worker);
  for (const release of [undefined, spec.kubernetes.version]) {
    const none = new UpgradeOrder(release, spec);
    expect([none.beforeFirst, none.beforeWorker([plane!], [worker!])]).toEqual([undefined, undefined]);
  }
});
