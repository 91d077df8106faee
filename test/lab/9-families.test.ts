/**
 * Clusters of other families than the standard lab's IPv4 first: IPv6 first, and IPv6 alone, each in a small lab of its own,
 * from hosts that have IPv6 only and are reached by it, to a cluster that passes every check.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ClusterSpec, type Host, loadSpec } from "../../spec";
import { dualstack, LONG, on, ROOT, until } from "./harness";

/** From bare hosts to a proven cluster, with all programs in the cache (seconds). */
const TIME_TO_LIVE = 240;

interface Case {
  readonly name: string;
  /** As the end of the proof says it. */
  readonly families: string;
  /** What `ip -o address` shows on a host's eth0, global scope: before, and when the cluster lives. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly clusterIPs: readonly RegExp[];
}

const SIX = /^fd5d:a57a:c400:300::/;
const FOUR = /^10\.96\./;
const CASES: readonly Case[] = [
  {
    name: "ipv6-first",
    families: "ipv6 and ipv4",
    before: ["inet6"],
    after: ["inet", "inet6"],
    clusterIPs: [SIX, FOUR],
  },
  { name: "ipv6-only", families: "ipv6", before: ["inet6"], after: ["inet6"], clusterIPs: [SIX] },
];

describe.each(CASES)("$name", ({ name, families, before, after, clusterIPs }) => {
  const file = join(ROOT, "test/lab/specs", `${name}.yaml`);
  const read = (): ClusterSpec => loadSpec(file).spec;
  const look = (host: Host, line: string) => on(host, line, "", read());
  const familiesOn = async (host: Host) => {
    const shown = await look(host, "ip -o address show dev eth0 scope global");
    return [...new Set(shown.split("\n").map((line) => line.split(/\s+/)[2]))].sort();
  };
  const kubectl = (line: string) => look(read().hosts[0]!, `kubectl --kubeconfig /etc/kubernetes/admin.conf ${line}`);

  afterAll(() => dualstack("lab", "down", file), LONG);

  test(
    "hosts begin with IPv6 alone, and SSH goes by it",
    async () => {
      const { code, output } = await dualstack("lab", "up", "--hosts-only", file);
      expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
      for (const host of read().hosts) {
        expect(host.ssh.address).toMatch(/^fd5d:/);
        expect(await familiesOn(host)).toEqual(before);
      }
    },
    LONG,
  );

  test(
    "becomes a live cluster in time, every check passed",
    async () => {
      const started = Date.now();
      const { code, output } = await dualstack("lab", "up", file);
      expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
      expect(output).toMatch(new RegExp(`(\\d+) of \\1 checks passed \\(${families}\\)`));
      expect((Date.now() - started) / 1000).toBeLessThan(TIME_TO_LIVE);
      for (const host of read().hosts) expect(await familiesOn(host)).toEqual(after);
    },
    LONG,
  );

  test("nodes and Services have its families in its order, and nothing of another", async () => {
    const { network, hosts } = read();
    const nodes = await kubectl(
      `get nodes -o 'jsonpath={range .items[*]}{.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}'`,
    );
    const addresses = hosts.map((host) => network.families.map((family) => `${host.addresses[family]}`).join(" "));
    expect(nodes.split("\n").sort()).toEqual(addresses.sort());
    for (const service of ["default kubernetes", "kube-system kube-dns"]) {
      const [namespace, own] = service.split(" ");
      const ips = (await kubectl(`-n ${namespace} get service ${own} -o 'jsonpath={.spec.clusterIPs[*]}'`)).split(" ");
      // the API server makes its own Service, of the primary family
      const expected = own === "kubernetes" ? clusterIPs.slice(0, 1) : clusterIPs;
      expect(ips).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
    }
  }, 60_000);

  test("its lab goes without a trace, and alone", async () => {
    const { code, output } = await dualstack("lab", "down", file);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    expect(existsSync(join(ROOT, ".lab", name))).toBe(false);
    await until("the bridge goes", async () => !existsSync(`/sys/class/net/ds-${name}`), 10);
  }, 120_000);
});
