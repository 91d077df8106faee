/** The graph of resources of a cluster in kind, with Pulumi's mocks. */
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime";
import { parse } from "yaml";
import { kindDigest } from "../../hosts/kind";
import { parseSpec } from "../../spec";
import { recordHooks } from "./hooks";

const { spec } = parseSpec('name: zebra\nkind: {network: {name: yak, ipv4: 10.9.0.0/24, ipv6: "fd00:9::/64"}}\n', {
  file: "dev.yaml",
});
const made: MockResourceArgs[] = [];
const hooks = recordHooks();

jest.setTimeout(30_000);

beforeAll(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        made.push(args);
        return { id: args.name, state: { ...args.inputs, stdout: "canary-kubeconfig", stderr: "" } };
      },
      call: ({ inputs }) => inputs,
    },
    "dualstack",
    "zebra",
    true,
  );
  const { Cluster } = require("../../components") as typeof import("../../components");
  const { kubeconfig } = new Cluster("zebra", { spec });
  await new Promise((resolve) => kubeconfig.apply(resolve));
  expect(await pulumi.isSecret(kubeconfig)).toBe(true);
});

const command = () => made.find(({ type }) => type === "command:local:Command")!;

test("one command makes the cluster, and everything else is as on hosts", () => {
  expect([...new Set(made.map(({ type }) => type))].filter((type) => !type.startsWith("kubernetes:")).sort()).toEqual([
    "command:local:Command",
    "dualstack:index:Addons",
    "dualstack:index:Cluster",
    "dualstack:index:KindCluster",
    "dualstack:index:Verification",
    "pulumi:providers:kubernetes",
  ]);
  expect(made.map(({ type, name }) => `${type} ${name}`)).toContain(
    "kubernetes:apps/v1:DaemonSet zebra-daemonset-kube-flannel-kube-flannel-ds",
  );
});

test("kind's file goes along on standard input, names in the environment, and the commands are constant", () => {
  const { inputs } = command();
  expect(parse(inputs.stdin)).toMatchObject({ name: "zebra", networking: { ipFamily: "dual" } });
  expect(inputs.environment).toEqual({
    CLUSTER: "zebra",
    DIGEST: kindDigest(inputs.stdin),
    KIND_EXPERIMENTAL_DOCKER_NETWORK: "yak",
  });
  expect(inputs.triggers).toBeUndefined();
  expect(`${inputs.create}${inputs.delete}`).not.toMatch(/10\.9|fd00|zebra|yak/);
});

test("Docker is looked at before kind is asked, and the proof comes before the run ends", () => {
  expect(hooks).toEqual(
    expect.arrayContaining([
      "command:local:Command_zebra-kind_beforeCreate",
      "command:local:Command_zebra-kind_beforeUpdate",
      "dualstack:index:Verification_zebra_beforeCreate",
    ]),
  );
});
