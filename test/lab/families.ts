/** Clusters of other families than the standard lab's: from hosts that have one family to a cluster that passes every check, in a small lab. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ClusterSpec, type Family, type Host, loadSpec } from "../../spec";
import { kubectl } from "./cluster";
import { dualstack, LONG, on, ROOT, until } from "./harness";

/** A cluster of test/lab/specs. */
export interface FamilyLab {
  readonly name: string;
  /** The family that hosts have at first, and by which SSH reaches them. */
  readonly born: Family;
  /** In the cluster's order. */
  readonly families: readonly Family[];
}

const WORD = { ipv4: "inet", ipv6: "inet6" } as const;
const SERVICE_IP = { ipv4: /^10\.96\./, ipv6: /^fd5d:a57a:c400:300::/ } as const;
const SSH_ADDRESS = { ipv4: /^192\.168\./, ipv6: /^fd5d:/ } as const;

/** What tests of a live cluster use. */
export interface Seen {
  readonly file: string;
  read(): ClusterSpec;
  /** A shell line on a host. */
  look(host: Host, line: string): Promise<string>;
  /** `kubectl` with these arguments on the control plane. */
  kube(line: string, stdin?: string): Promise<string>;
}

/** The tests of one lab, from its first host until nothing is left of it; `more` adds those of its own while it lives. */
export function describeFamilyLab({ name, born, families }: FamilyLab, more: (seen: Seen) => void): void {
  const file = join(ROOT, "test/lab/specs", `${name}.yaml`);
  const read = () => loadSpec(file).spec;
  const look = (host: Host, line: string) => on(host, line, "", read());
  const kube = (line: string, stdin = "") => kubectl(line, stdin, read());
  const familiesOn = async (host: Host) => {
    const shown = await look(host, "ip -o address show dev eth0 scope global");
    return [...new Set(shown.split("\n").map((line) => line.split(/\s+/)[2]))].sort();
  };

  describe(name, () => {
    afterAll(() => dualstack("lab", "down", file), LONG);

    test(
      `hosts begin with ${born} alone, and SSH goes by it`,
      async () => {
        const { code, output } = await dualstack("lab", "up", "--hosts-only", file);
        expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
        for (const host of read().hosts) {
          expect(`${host.ssh.address}`).toMatch(SSH_ADDRESS[born]);
          expect(await familiesOn(host)).toEqual([WORD[born]]);
        }
      },
      LONG,
    );

    test(
      "becomes a live cluster, every check passed",
      async () => {
        const { code, output } = await dualstack("lab", "up", file);
        expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
        expect(output).toMatch(new RegExp(`(\\d+) of \\1 checks passed \\(${families.join(" and ")}\\)`));
        const words = families.map((family) => WORD[family]).sort();
        for (const host of read().hosts) expect(await familiesOn(host)).toEqual(words);
      },
      LONG,
    );

    test("nodes and Services have its families in its order, and nothing of another", async () => {
      const { network, hosts } = read();
      expect(network.families).toEqual(families);
      const nodes = await kube(
        `get nodes -o 'jsonpath={range .items[*]}{.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}'`,
      );
      const addresses = hosts.map((host) => families.map((family) => `${host.addresses[family]}`).join(" "));
      expect(nodes.split("\n").sort()).toEqual(addresses.sort());
      const ips = async (service: string) =>
        (await kube(`get service ${service} -o 'jsonpath={.spec.clusterIPs[*]}'`)).split(" ");
      const expected = families.map((family) => expect.stringMatching(SERVICE_IP[family]));
      expect(await ips("-n kube-system kube-dns")).toEqual(expected);
      // the API server makes its own Service, of the primary family
      expect(await ips("-n default kubernetes")).toEqual(expected.slice(0, 1));
    });

    more({ file, read, look, kube });

    test("its lab goes without a trace, and alone", async () => {
      const { code, output } = await dualstack("lab", "down", file);
      expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
      expect(existsSync(join(ROOT, ".lab", name))).toBe(false);
      await until("the bridge goes", async () => !existsSync(`/sys/class/net/ds-${name}`));
    });
  });
}
