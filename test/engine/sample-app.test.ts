/** The sample application, previewed against no cluster; test/lab/9-way-in brings it up on one. */
import { join } from "node:path";
import { example, root } from "./packed";

const { pulumi, install, remove } = example("sample-app");
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
