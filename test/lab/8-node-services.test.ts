/** A lab of its own with NodeLocal DNSCache: pods ask the cache of their node in each family, and at the address of kube-dns. */
import { join } from "node:path";
import { loadSpec } from "../../spec";
import { kubectl } from "./cluster";
import { dualstack, LONG, ROOT, until } from "./harness";

const file = join(ROOT, "test/lab/specs/node-services.yaml");
afterAll(() => dualstack("lab", "down", file), LONG);

const probes = "-n dualstack-verify";

test(
  "comes up with every check passed, those of the caches among them",
  async () => {
    const { code, output } = await dualstack("lab", "up", file);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    const { code: verified, output: said } = await dualstack("verify", file);
    expect(verified).toBe(0);
    expect(said.match(/asks the DNS cache of its node/g)).toHaveLength(4);
  },
  LONG,
);

describe("a pod", () => {
  const kube = (line: string) => kubectl(line, "", loadSpec(file).spec);
  const dig = (server: string) =>
    kube(
      `exec ${probes} daemonset/probe -- dig +short +time=2 +tries=1 @${server} kubernetes.default.svc.cluster.local`,
    );

  test("has the servers of both families in its resolv.conf", async () => {
    const text = await kube(`exec ${probes} daemonset/probe -- cat /etc/resolv.conf`);
    expect(text).toMatch(/nameserver 10\.96\.0\.10\nnameserver fd5d:a57a:c400:300::1:9/);
  });

  test("is answered by its node, also at the address of kube-dns, while no CoreDNS runs", async () => {
    const servers = ["169.254.20.10", "fd5d:a57a:c400:300::1:9", "10.96.0.10"];
    for (const server of servers) expect(await dig(server)).toBe("10.96.0.1");
    await kube("-n kube-system scale deployment coredns --replicas=0");
    await until(
      "no pod of CoreDNS",
      async () => (await kube("-n kube-system get pods -l k8s-app=kube-dns -o name")) === "",
      30,
    );
    // what a cache holds it tells for 30 s; without one the address of kube-dns would answer nothing
    for (const server of servers) expect(await dig(server)).toBe("10.96.0.1");
    await kube("-n kube-system scale deployment coredns --replicas=2");
  }, 90_000);
});
