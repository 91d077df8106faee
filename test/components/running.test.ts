/** Changes that a running cluster cannot take end the program before it registers anything; with Pulumi's mocks. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { refuseChanges } from "../../components/running";
import { parseSpec } from "../../spec";
import { keepSpec } from "../../spec/keep";

/** A side of a pair of test/plan/diff. */
function specOf(name: string, side: "old" | "new") {
  const file = join(__dirname, "../plan/diff", name, `${side}.yaml`);
  return existsSync(file) ? parseSpec(readFileSync(file, "utf8"), { file, placeholderKey: "k" }).spec : undefined;
}

let kept: string | undefined;
const made: string[] = [];

beforeAll(() =>
  pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        made.push(type);
        const outputs = kept === undefined ? {} : { applied: kept, kubeconfig: "canary" };
        return { id: name, state: { ...inputs, outputs, secretOutputNames: Object.keys(outputs) } };
      },
      call: ({ inputs }) => inputs,
    },
    "dualstack",
    "prod",
    false,
    "organization",
  ),
);

function run(name: string, running = specOf(name, "old")): ReturnType<typeof refuseChanges> {
  kept = running && keepSpec(running);
  return refuseChanges(specOf(name, "new")!);
}

test.each([
  ["pods-range", "network.pods.ipv4: 10.244.0.0/16"],
  ["order-flipped", "network.families: [ipv4, ipv6] -> [ipv6, ipv4]"],
  ["control-plane-replaced", "hosts[cp-1]: control-plane -> nothing"],
  ["host-renamed", "].name: "],
  ["kubernetes-skipped", "kubernetes.version: "],
])("%s is refused", async (name, said) => {
  await expect(run(name)).rejects.toThrow(said);
  await expect(run(name)).rejects.toBeInstanceOf(pulumi.RunError);
  expect(new Set(made)).toEqual(new Set(["pulumi:pulumi:StackReference"]));
});

test.each(["nothing-changed", "host-added-to-50", "worker-removed", "kube-proxy-mode", "ssh-address-moved"])(
  "%s is let through, and the running cluster's kubeconfig is known, as a secret",
  async (name) => {
    const { kubeconfig } = await run(name);
    expect(await pulumi.isSecret(kubeconfig!)).toBe(true);
    expect(await new Promise((known) => pulumi.unsecret(kubeconfig!).apply(known))).toBe("canary");
  },
);

test("before the first complete run nothing is known, and nothing refused", async () => {
  kept = undefined;
  await expect(refuseChanges(specOf("pods-range", "new")!)).resolves.toEqual({});
});
