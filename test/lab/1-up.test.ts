/** The main job: from bare hosts to a live cluster that is proven on both families, and nothing to do the second time. */

import { rememberBare } from "./bare";
import { dualstack, type Ended, LONG, labSpec, on, run, STATE_OF_A_HOST } from "./harness";

test(
  "hosts start bare: IPv4 only, nothing of Kubernetes",
  async () => {
    const { code, output } = await dualstack("lab", "up", "--hosts-only");
    if (code !== 0) throw new Error(output);
    const { hosts } = labSpec();
    for (const host of hosts) {
      const found = await on(
        host,
        "ip -6 -o address show dev eth0 scope global; command -v kubeadm kubelet containerd ctr runc || true; ls /etc/kubernetes /var/lib/kubelet /var/lib/containerd 2>/dev/null || true",
      );
      expect(found).toBe("");
    }
    rememberBare(
      Object.fromEntries(await Promise.all(hosts.map(async (host) => [host.name, await on(host, STATE_OF_A_HOST)]))),
    );
  },
  LONG,
);

describe("npm start", () => {
  let first: Ended;

  test(
    "ends with a live cluster, every check passed in both families",
    async () => {
      first = await run(["npm", "start"]);
      expect(first).toMatchObject({ code: 0 });
      expect(first.output).toMatch(/(\d+) of \1 checks passed \(ipv4 and ipv6\)/);
    },
    LONG,
  );

  test("says what to try, and it works from this machine in both families", async () => {
    const urls = [...first.output.matchAll(/^ {2}curl -g (http:\S+)$/gm)].map(([, url = ""]) => url);
    expect(urls).toHaveLength(6);
    for (const url of urls) {
      const { code, output } = await run(["curl", "-sS", "-g", "-m", "5", url]);
      expect([url, code, output]).toEqual([url, 0, expect.stringMatching(/^probe-/)]);
    }
  });

  test(
    "changes nothing when run again",
    async () => {
      const { code, output } = await run(["npm", "start"]);
      expect(code).toBe(0);
      expect(output).toMatch(/Resources:\s+\d+ unchanged\s+Duration/);
      expect(output).not.toMatch(/created|updated|deleted|replaced/);
    },
    LONG,
  );
});
