/** The sample application: previewed against no cluster, and where there is one, brought up and reached on both families. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { example, root } from "./packed";

jest.setTimeout(300_000);
const { pulumi, install, remove } = example("sample-app");
const kubeconfig = process.env.DUALSTACK_TEST_KUBECONFIG;
const spec = process.env.DUALSTACK_TEST_SPEC ?? join(root, "stacks/lab.yaml");
const nowhere =
  "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n" +
  'clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]\nusers: [{name: u, user: {token: none}}]\n';

const set = (...args: string[]) => expect(pulumi(["config", "set", ...args])).toMatchObject({ status: 0 });
const setKubeconfig = (text: string) =>
  expect(pulumi(["config", "set", "--secret", "kubeconfig"], text)).toMatchObject({ status: 0 });

beforeAll(() => {
  install();
  expect(pulumi(["stack", "init", "test"])).toMatchObject({ status: 0 });
  set("nodePort", "30081");
});
afterAll(remove);

test("previews its Services on every family, without a cluster", () => {
  set("spec", join(root, "stacks/examples/own-program/cluster.yaml"));
  set("ingressHost", "common-nginx.test.example");
  setKubeconfig(nowhere);
  const { status, stdout, stderr } = pulumi(["preview", "--diff"]);
  expect([status, status === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  expect(stdout.match(/\[0\]: "IPv4"\s+\[1\]: "IPv6"/g)).toHaveLength(3);
  expect(stdout).toContain("kubernetes:networking.k8s.io/v1:Ingress");
  expect(stdout).toMatch(/curl -g -6 http:\/\/\[fd00:10::12\]:30081\//);
});

const whenLive = kubeconfig === undefined ? describe.skip : describe;
const title = "on a live cluster";
whenLive(
  kubeconfig === undefined ? `${title}: DUALSTACK_TEST_KUBECONFIG names no kubeconfig (the lab sets it)` : title,
  () => {
    afterAll(() => expect(pulumi(["destroy", "--yes", "--skip-preview"])).toMatchObject({ status: 0 }));

    test("answers curl -g -6 and curl -g -4 from outside, at every node", () => {
      set("spec", spec);
      // the program that the lab has in place of nginx
      set("image", "registry.k8s.io/e2e-test-images/agnhost:2.53");
      set("port", "8080");
      set("args", '["serve-hostname", "--http", "--port=8080"]');
      setKubeconfig(readFileSync(kubeconfig!, "utf8"));
      const up = pulumi(["up", "--yes", "--skip-preview"]);
      expect([up.status, up.status === 0 ? "" : up.stdout + up.stderr]).toEqual([0, ""]);
      const { addresses, tryIt } = JSON.parse(pulumi(["stack", "output", "--json"]).stdout);
      expect(addresses).toHaveLength(2);
      expect(tryIt.length).toBeGreaterThanOrEqual(4);
      for (const line of tryIt as string[]) {
        const [program = "", ...args] = line.split(" ");
        const { status, stdout } = spawnSync(program, ["-sS", "-m", "10", ...args], { encoding: "utf8" });
        expect([line, status, stdout]).toEqual([line, 0, expect.stringMatching(/^common-nginx-/)]);
      }
    });
  },
);
