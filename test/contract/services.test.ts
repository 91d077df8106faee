/** What the real API server says to each row of service-rows.ts, and what the component then does. Needs a cluster of two families. */
import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import { secret } from "@pulumi/pulumi";
import { familyFields, type ServiceRequest, serviceShape } from "../../addons/services/families";
import { DualStackService } from "../../components/dual-stack-service";
import { type Family, ipFamily } from "../../spec/families";
import { Api } from "../lab/plugins/kubernetes/api";
import { readKubeconfig } from "../lab/plugins/kubernetes/kubeconfig";
import { describeWithEngine, type Engine, startEngine } from "./fixture/engine";
import { Live } from "./fixture/live";
import { REFUSED, ROWS } from "./service-rows";

const file = process.env.DUALSTACK_TEST_KUBECONFIG;
const kubeconfig = file === undefined ? "" : readFileSync(file, "utf8");
const describeWithCluster = (title: string, tests: () => void): void =>
  file === undefined
    ? describe.skip(`${title}: DUALSTACK_TEST_KUBECONFIG names no kubeconfig (the lab sets it)`, tests)
    : describeWithEngine(title, tests);

interface Service {
  readonly metadata: { readonly uid: string };
  readonly spec: { readonly ipFamilies?: string[]; readonly clusterIPs?: string[] };
}

describeWithCluster("Services of two families", () => {
  const namespace = `services-${process.pid}`;
  const live = new Live(kubeconfig, namespace);
  let api: Api;
  let cluster: readonly Family[];
  let serial = 0;
  beforeAll(async () => {
    api = new Api(readKubeconfig(kubeconfig));
    await live.makeNamespace();
    // the cluster's own order: the family of the first address that it gives
    const probe = await apply("order", { ports, ipFamilyPolicy: "RequireDualStack" });
    cluster = probe.spec.ipFamilies!.map((name) => (name === "IPv4" ? "ipv4" : "ipv6"));
  });
  afterAll(() => live.remove("api/v1"));

  const ports = [{ name: "http", port: 80 }];

  /** Server-side apply, as the provider does it. */
  async function apply(name: string, spec: object): Promise<Service> {
    const object = { apiVersion: "v1", kind: "Service", metadata: { name, namespace }, spec };
    const place = await api.place("v1", "Service", name, namespace);
    return (await api.apply(place, object, "contract", true)) as unknown as Service;
  }

  function fields(request: ServiceRequest) {
    const { selector } = request;
    const name = request.type === "ExternalName" ? { externalName: "db.example.org" } : {};
    return { ports, ...name, ...(selector ? { selector } : {}), ...familyFields(serviceShape(cluster, request)) };
  }

  const short = (request: ServiceRequest) => JSON.stringify({ ...request, selector: request.selector && "pods" });

  test.each(ROWS.map((row) => [short(row.from), short(row.to), row.api ?? row.outcome, row] as const))(
    "%s to %s: the API %s",
    async (_from, _to, _outcome, { from, to, outcome, api: says }) => {
      const name = `row-${serial++}`;
      const before = await apply(name, fields(from));
      const shape = serviceShape(cluster, from);
      expect(before.spec.ipFamilies ?? []).toEqual(shape.families.map(ipFamily));
      const changed = apply(name, fields(to));
      if (outcome === "replace" && says === undefined) {
        await expect(changed).rejects.toThrow(/may not change once set|primary clusterIP can not be unset|Invalid/);
        await apply(`${name}-new`, fields(to));
        return;
      }
      const after = await changed;
      if (says === "ignores") {
        expect(after.spec.clusterIPs).toEqual(before.spec.clusterIPs);
        return;
      }
      expect(after.metadata.uid).toBe(before.metadata.uid);
      expect(after.spec.ipFamilies ?? []).toEqual(serviceShape(cluster, to).families.map(ipFamily));
      const keeps = from.type !== "ExternalName" && to.type !== "ExternalName";
      if (keeps) expect(after.spec.clusterIPs![0]).toBe(before.spec.clusterIPs![0]);
    },
  );

  test.each(REFUSED)("%j is refused by the API too", async (request) => {
    const { type, headless, policy, families } = request;
    const spec = {
      ports,
      ...(type === undefined ? {} : { type }),
      ...(type === "ExternalName" ? { externalName: "db.example.org" } : {}),
      ...(headless === true ? { clusterIP: "None" } : {}),
      ...(policy === undefined ? {} : { ipFamilyPolicy: policy }),
      ...(families === undefined ? {} : { ipFamilies: families.map(ipFamily) }),
    };
    await expect(apply(`refused-${serial++}`, spec)).rejects.toThrow(/Invalid|invalid|may not|must be|Duplicate/);
  });

  describe("as a component", () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await startEngine("kubernetes");
    });
    afterAll(() => engine.remove());
    const program = (request: ServiceRequest) => async () => {
      const provider = new k8s.Provider("cluster", { kubeconfig: secret(kubeconfig), clusterIdentifier: "contract" });
      const metadata = { name: "web", namespace, annotations: { "pulumi.com/skipAwait": "true" } };
      new DualStackService("web", { cluster, metadata, ports, ...request }, { provider });
    };
    const selector = { app: "web" };
    const uid = async () => ((await api.get(await api.place("v1", "Service", "web", namespace))) as any).metadata.uid;

    it("says in the preview that a second family comes in place, and keeps the Service", async () => {
      expect(await engine.up(program({ selector, policy: "SingleStack" }))).toMatchObject({ failed: false });
      const before = await uid();
      const preview = await engine.preview(program({ selector }));
      expect(preview.text).toMatch(/Service web: changed in place: it gets an address of IPv[46] in addition/);
      expect(preview.changes.replace).toBeUndefined();
      expect(await engine.up(program({ selector }))).toMatchObject({ failed: false });
      expect(await uid()).toBe(before);
    });

    it("says in the preview that another first family is a new Service, and makes it", async () => {
      const before = await uid();
      const families = [...cluster].reverse();
      const preview = await engine.preview(program({ selector, families }));
      expect(preview.text).toMatch(/Service web: a new Service takes its place: its first family changes from/);
      expect(preview.changes).toMatchObject({ replace: 1 });
      expect(await engine.up(program({ selector, families }))).toMatchObject({ failed: false });
      expect(await uid()).not.toBe(before);
    });

    it("makes a new Service of one that becomes headless, then lets its families change in place", async () => {
      const before = await uid();
      const preview = await engine.preview(program({ selector, headless: true }));
      expect(preview.text).toMatch(/a new Service takes its place: it becomes headless/);
      expect(await engine.up(program({ selector, headless: true }))).toMatchObject({ failed: false });
      const headless = await uid();
      expect(headless).not.toBe(before);
      const families = [...cluster].reverse();
      expect((await engine.up(program({ selector, headless: true, families }))).changes.replace).toBeUndefined();
      expect(await uid()).toBe(headless);
    });

    it("goes away when it is no longer wanted, without the program", async () => {
      expect(await engine.destroy()).toMatchObject({ failed: false });
    });
  });
});
