/** The graph of resources, with Pulumi's mocks: names, order, secrets, and how many a host costs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { parseSpec } from "../../spec";
import { recordHooks } from "./hooks";

const file = join(__dirname, "../plan/specs/dual.yaml");
const { spec } = parseSpec(readFileSync(file, "utf8"), { file });

// a throw-away CA, made by `openssl req -x509 -newkey ed25519`
const CA = readFileSync(join(__dirname, "ca.pem"));
const KUBECONFIG = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "a",
  clusters: [
    { name: "a", cluster: { server: "https://10.0.0.11:6443", "certificate-authority-data": CA.toString("base64") } },
  ],
  contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
  users: [{ name: "a", user: { token: "canary-token" } }],
});

const made: MockResourceArgs[] = [];
const hooks = recordHooks();

// the SDK alone takes seconds to load on a busy machine
jest.setTimeout(30_000);

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        made.push(args);
        const init = args.name === "cp-1-kubernetes";
        return {
          id: args.name,
          state: { ...args.inputs, stdout: init ? KUBECONFIG : "abcdef.0123456789abcdef", stderr: "" },
        };
      },
      call: ({ inputs }) => inputs,
    },
    "dualstack",
    "dual",
    true,
  );
  const { Cluster } = require("../../components") as typeof import("../../components");
  const cluster = new Cluster("dual", { spec, privateKey: "canary-private-key" });
  await new Promise((resolve) => cluster.kubeconfig.apply(resolve));
  expect(await pulumi.isSecret(cluster.kubeconfig)).toBe(true);
});

const named = (name: string) => made.find((each) => each.name === name);

test("a host costs four resources, and their names come from the host", () => {
  for (const host of ["cp-1", "worker-1"]) {
    const own = made.filter(({ name }) => name === host || name.startsWith(`${host}-`)).map(({ name }) => name);
    expect(own).toEqual([host, `${host}-network`, `${host}-system`, `${host}-kubernetes`]);
  }
});

test("every resource kind is one of the few that the doubles know", () => {
  const types = new Set(made.map(({ type }) => type));
  expect([...types].sort()).toEqual([
    "command:remote:Command",
    "dualstack:index:Addons",
    "dualstack:index:Cluster",
    "dualstack:index:ControlPlane",
    "dualstack:index:Members",
    "dualstack:index:Verification",
    "dualstack:index:Worker",
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:ServiceAccount",
    "kubernetes:core/v1:ServicePatch",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "pulumi:providers:kubernetes",
  ]);
});

test("a join is admitted and a cluster is proved by hooks, before the resource counts as made", () => {
  expect(hooks).toEqual(
    expect.arrayContaining([
      "command:remote:Command_worker-1-kubernetes_beforeCreate",
      "command:remote:Command_worker-1-kubernetes_beforeUpdate",
      "dualstack:index:Members_dual_beforeUpdate",
      "dualstack:index:Verification_dual_beforeCreate",
      "dualstack:index:Verification_dual_beforeUpdate",
    ]),
  );
});

test("every connection pins the host key of its host", () => {
  const commands = made.filter(({ type }) => type === "command:remote:Command");
  expect(commands).toHaveLength(6);
  for (const { inputs } of commands) {
    const connection = unwrap(inputs.connection);
    expect(connection.hostKey).toMatch(/^ssh-ed25519 AAAA/);
    expect(["10.0.0.11", "10.0.0.12"]).toContain(connection.host);
  }
});

test("command lines are constant and steps have no triggers", () => {
  const commands = made.filter(({ type }) => type === "command:remote:Command");
  expect(new Set(commands.map(({ inputs }) => inputs.create)).size).toBe(1);
  for (const { inputs } of commands) {
    expect(inputs.triggers).toBeUndefined();
    expect(`${inputs.create}${inputs.delete}`).not.toMatch(/10\.0\.0|fd00|cp-1|worker-1/);
  }
});

test("standard input is readable in a preview and holds no secret", () => {
  const { stdin } = named("worker-1-kubernetes")?.inputs ?? {};
  expect(typeof stdin).toBe("string");
  expect(stdin).toContain("file /etc/dualstack/kubeadm.yaml 0600 kubeadm\n  apiVersion: kubeadm.k8s.io/v1beta4\n");
  expect(stdin).toContain("-----BEGIN CERTIFICATE-----");
  for (const { inputs } of made) expect(String(inputs.stdin)).not.toMatch(/canary|abcdef\.0123456789abcdef/);
});

test("the cluster is known to its provider by name, so a new kubeconfig replaces nothing", () => {
  expect(named("dual")?.type).toBeDefined();
  const provider = made.find(({ type }) => type === "pulumi:providers:kubernetes");
  expect(provider?.inputs.clusterIdentifier).toBe("dual");
});

/** The value inside Pulumi's wire form of a secret. */
function unwrap(value: any): any {
  return value !== null && typeof value === "object" && "value" in value ? value.value : value;
}
