/** A real API server takes the planned objects of NodeLocal DNSCache and ip-masq-agent, field by field; nothing is created. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ipMasq } from "../../addons/ip-masq";
import { nodeLocalDns } from "../../addons/nodelocaldns";
import { parseSpec } from "../../spec";
import { Api } from "../lab/plugins/kubernetes/api";
import { readKubeconfig } from "../lab/plugins/kubernetes/kubeconfig";

const file = process.env.DUALSTACK_TEST_KUBECONFIG;
const title = "the API server takes";
const specs = join(__dirname, "../plan/specs");
const objects = ["dual.yaml", "six-first.yaml"].flatMap((name) => {
  const text = `nodeLocalDns: {enabled: true}\nipMasq: {enabled: true}\n${readFileSync(join(specs, name), "utf8")}`;
  const { spec } = parseSpec(text, { file: name });
  return [...nodeLocalDns(spec), ...ipMasq(spec)].map(
    (object) => [name, object.kind, object.metadata.name, object] as const,
  );
});

const describeWithCluster = file === undefined ? describe.skip : describe;
describeWithCluster(file === undefined ? `${title}: DUALSTACK_TEST_KUBECONFIG names no kubeconfig` : title, () => {
  let api: Api;
  beforeAll(() => {
    api = new Api(readKubeconfig(readFileSync(file!, "utf8")));
  });

  test.each(objects)("of %s: %s %s", async (_spec, kind, name, object) => {
    const { path, title: what } = await api.place(object.apiVersion, kind, name, "kube-system");
    const query = "fieldManager=contract&force=true&fieldValidation=Strict&dryRun=All";
    const body = { type: "application/apply-patch+yaml", content: { ...object } } as const;
    const taken = await api.request("PATCH", `${path}?${query}`, what, body);
    expect(taken.metadata).toMatchObject({ name });
  });

  test("and minds a field that it does not know", async () => {
    const [, , , object] = objects.find(([, kind]) => kind === "DaemonSet")!;
    const { path, title: what } = await api.place(object.apiVersion, object.kind, object.metadata.name, "kube-system");
    const content = { ...object, spec: { ...(object.spec as object), podCidr: "x" } };
    const query = "fieldManager=contract&force=true&fieldValidation=Strict&dryRun=All";
    const call = api.request("PATCH", `${path}?${query}`, what, { type: "application/apply-patch+yaml", content });
    await expect(call).rejects.toThrow(/podCidr/);
  });
});
