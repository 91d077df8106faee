/** The contract of the Kubernetes provider, on which the components rely. Needs a cluster: the lab names one. */
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import { secret } from "@pulumi/pulumi";
import { describeWithEngine, type Engine, isDouble, type Run, startEngine } from "./fixture/engine";
import { Live } from "./fixture/live";

const file = process.env.DUALSTACK_TEST_KUBECONFIG;
const canary = "canary-77b0e1";

const describeWithCluster = (title: string, tests: () => void): void =>
  file === undefined
    ? describe.skip(`${title}: DUALSTACK_TEST_KUBECONFIG names no kubeconfig (the lab sets it)`, tests)
    : describeWithEngine(title, tests);

describeWithCluster("Kubernetes objects", () => {
  const kubeconfig = file === undefined ? "" : readFileSync(file, "utf8");
  const namespace = `contract-${process.pid}`;
  let engine: Engine;
  let live: Live;
  let seen: unknown;
  beforeAll(async () => {
    live = new Live(kubeconfig, namespace);
    engine = await startEngine("kubernetes");
    await live.makeNamespace();
  });
  afterAll(async () => {
    await live.remove("api/v1");
    engine.remove();
  });

  /** Objects in a namespace of their own; what the program returns goes to `seen`. */
  const program =
    (objects: (provider: k8s.Provider) => unknown, settings: k8s.ProviderArgs = {}) =>
    async () => {
      const args = {
        kubeconfig: secret(kubeconfig),
        clusterIdentifier: "contract",
        enableConfigMapMutable: true,
        enableSecretMutable: true,
      };
      seen = objects(new k8s.Provider("cluster", { ...args, ...settings }));
    };
  const config = (data: Record<string, string>, settings?: k8s.ProviderArgs) =>
    program((provider) => {
      const { v1 } = k8s.core;
      return new v1.ConfigMap("settings", { metadata: { name: "settings", namespace }, data }, { provider });
    }, settings);
  const good = (run: Run) => expect([run.failed, run.failed ? run.text : ""]).toEqual([false, ""]);

  it("previews without writing, even when there is no cluster yet", async () => {
    const nowhere = kubeconfig.replace(/server: .*/, "server: https://127.0.0.1:1");
    good(await engine.preview(config({ a: "1" }, { kubeconfig: nowhere })));
    good(await engine.preview(config({ a: "1" })));
    expect(await live.configMap("settings")).toBeUndefined();
  });

  it("makes, leaves alone, and changes in place", async () => {
    good(await engine.up(config({ a: "1", b: "2" })));
    expect(await live.configMap("settings")).toMatchObject({ a: "1", b: "2" });
    expect((await engine.up(config({ a: "1", b: "2" }))).changes).toEqual({ same: 3 });
    expect((await engine.up(config({ a: "1", c: "3" }))).changes).toMatchObject({ update: 1 });
    expect(await live.configMap("settings")).toEqual({ a: "1", c: "3" });
  });

  it("sees what others changed when it refreshes, and puts it right", async () => {
    await live.changeConfigMap("settings", { a: "drifted" });
    expect((await engine.refresh()).changes).toMatchObject({ update: 1 });
    const run = await engine.preview(config({ a: "1", c: "3" }));
    expect(run.text).toMatch(/~ a: "drifted" => "1"/);
    await live.changeConfigMap("settings", { a: "1" });
    expect((await engine.refresh()).changes).toMatchObject({ update: 1 });
  });

  it("takes a changed kubeconfig for the same cluster while the identifier is equal", async () => {
    const run = await engine.up(config({ a: "1", c: "3" }, { kubeconfig: secret(`# renewed\n${kubeconfig}`) }));
    expect(run).toMatchObject({ failed: false, changes: { update: 1 } });
    expect(run.changes.replace).toBeUndefined();
  });

  it("refuses an object that somebody else made, unless told to take it", async () => {
    await live.makeConfigMap("other", { a: "theirs" });
    const other = (provider: k8s.Provider) =>
      new k8s.core.v1.ConfigMap("other", { metadata: { name: "other", namespace }, data: { b: "ours" } }, { provider });
    const run = await engine.up(program(other));
    expect([run.failed, run.text]).toEqual([true, expect.stringMatching(/already exists/)]);
    good(await engine.up(program(other, { upsertExistingObjects: true })));
    expect(await live.configMap("other")).toEqual({ a: "theirs", b: "ours" });
  });

  it("patches fields of another's object by force only, and gives them back", async () => {
    await live.makeConfigMap("system", { a: "1" });
    const patched = (force: string) => (provider: k8s.Provider) => {
      const metadata = { name: "system", namespace, annotations: { "pulumi.com/patchForce": force } };
      return new k8s.core.v1.ConfigMapPatch("patch", { metadata, data: { a: "2", b: "2" } }, { provider });
    };
    const run = await engine.up(program(patched("false")));
    expect([run.failed, run.text]).toEqual([true, expect.stringMatching(/conflict/i)]);
    good(await engine.up(program(patched("true"))));
    expect(await live.configMap("system")).toEqual({ a: "2", b: "2" });
    good(await engine.up(program(() => undefined)));
    expect(await live.configMap("system")).not.toHaveProperty("b");
  });

  const doubleOnly = isDouble("kubernetes") ? it : it.skip;
  doubleOnly("never makes an object by patching it", async () => {
    const run = await engine.up(
      program((provider) => {
        const metadata = { name: "nowhere", namespace };
        return new k8s.core.v1.ConfigMapPatch("patch", { metadata, data: { a: "2" } }, { provider });
      }),
    );
    expect([run.failed, run.text]).toEqual([true, expect.stringMatching(/ConfigMap contract-\d+\/nowhere/)]);
    expect(await live.configMap("nowhere")).toBeUndefined();
  });

  it("names a nameless object, keeps the name, and stores no secret in the clear", async () => {
    const hidden = (value: string) => (provider: k8s.Provider) =>
      new k8s.core.v1.Secret(
        "token",
        { metadata: { namespace }, stringData: { value } },
        { provider },
      ).metadata.name.apply((name) => {
        seen = name;
      });
    good(await engine.up(program(hidden(canary))));
    const name = seen;
    expect(name).toMatch(/^token-[0-9a-f]{8}$/);
    const encoded = Buffer.from(canary).toString("base64");
    expect([canary, encoded].filter((text) => engine.stored().includes(text))).toEqual([]);
    expect((await engine.up(program(hidden(canary)))).changes).toEqual({ same: 3 });
  });

  it("says what the API server does not like, and about which object", async () => {
    const run = await engine.up(
      program((provider) => {
        const spec = { ports: [{ port: 99999 }] };
        return new k8s.core.v1.Service("wrong", { metadata: { name: "wrong", namespace }, spec }, { provider });
      }),
    );
    expect([run.failed, run.text]).toEqual([true, expect.stringMatching(/wrong[\s\S]*between 1 and 65535/)]);
  });

  it("waits for a workload, records one that does not get ready, and deletes it", async () => {
    const workload = (annotations: Record<string, string>) => (provider: k8s.Provider) => {
      const labels = { app: "sleeper" };
      const template = {
        metadata: { labels },
        spec: { containers: [{ name: "main", image: "example.invalid/none:1" }] },
      };
      const spec = { selector: { matchLabels: labels }, template };
      const metadata = { name: "sleeper", namespace, annotations };
      return new k8s.apps.v1.Deployment("sleeper", { metadata, spec }, { provider });
    };
    const run = await engine.up(program(workload({ "pulumi.com/timeoutSeconds": "3" })));
    expect([run.failed, run.text]).toEqual([true, expect.stringMatching(/sleeper[\s\S]*pod/i)]);
    expect(await engine.resources()).toContain("kubernetes:apps/v1:Deployment");
    good(await engine.up(program(workload({ "pulumi.com/skipAwait": "true" }))));
  });

  it("takes everything away, and what is already gone for done", async () => {
    await live.remove("apis/apps/v1", "/deployments/sleeper");
    good(await engine.destroy());
    expect(await live.configMap("settings")).toBeUndefined();
  });
});
