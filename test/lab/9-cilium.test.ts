/**
 * Cilium in both families, with its real agent and operator: beside kube-proxy first, then in its place. Its own Envoy cannot be had
 * here, so rules of layer 7 are not tried.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MIRROR_SETTING } from "../../live/upstream";
import { describeFamilyLab, type Seen } from "./families";
import { dualstack, type Ended, LONG, ROOT } from "./harness";

// the lab finds the files of its add-ons by itself; a mirror that somebody has chosen need not have them
delete process.env[MIRROR_SETTING];

const LAB = join(ROOT, ".lab/cilium");
const whole = ({ code, output }: Ended) => expect([code, code === 0 ? "" : output]).toEqual([0, ""]);

describeFamilyLab({ name: "cilium", born: "ipv4", families: ["ipv4", "ipv6"] }, (seen) => {
  test("the agents do what the spec says: ranges, tunnel, masquerading of both families, and kube-proxy beside them", async () => {
    for (const { ipam, routing, masquerading, ...status } of await agents(seen)) {
      expect(ipam.ipv4).toContainEqual(expect.stringMatching(/^10\.244\./));
      expect(ipam.ipv6).toContainEqual(expect.stringMatching(/^fd5d:a57a:c400:20\d::/));
      expect(routing).toMatchObject({ "inter-host-routing-mode": "Tunnel", "tunnel-protocol": "vxlan" });
      expect(masquerading.enabledProtocols).toEqual({ ipv4: true, ipv6: true });
      expect(status["kube-proxy-replacement"].mode).toBe("False");
    }
  });

  test(
    "a second run changes nothing",
    async () => {
      const again = await dualstack("lab", "up", seen.file);
      whole(again);
      expect(again.output).toMatch(/Resources:\s+\d+ unchanged\s+Duration/);
    },
    LONG,
  );

  test(
    "Cilium takes the Services over from kube-proxy, and every check passes again",
    async () => {
      const { output, code } = await dualstack("lab", "up", withoutProxy(seen.file));
      whole({ output, code });
      expect(output).toMatch(/(\d+) of \1 checks passed \(ipv4 and ipv6\)/);
      expect(await seen.kube("-n kube-system get pods -l k8s-app=kube-proxy -o name")).toBe("");
      for (const host of seen.read().hosts)
        expect(await seen.look(host, "nft list tables | grep kube-proxy || true")).toBe("");
      for (const status of await agents(seen)) {
        const { mode, features } = status["kube-proxy-replacement"];
        expect([mode, features.nodePort.enabled, features.socketLB.enabled]).toEqual(["True", true, true]);
      }
    },
    LONG,
  );
});

/** What the agent of each node says of itself (`cilium-dbg status`). */
async function agents({ kube }: Seen) {
  const pods = (await kube("-n kube-system get pods -l k8s-app=cilium -o name")).split("\n");
  expect(pods).toHaveLength(2);
  return Promise.all(
    pods.map(async (pod) =>
      JSON.parse(await kube(`-n kube-system exec ${pod} -c cilium-agent -- cilium-dbg status -o json`)),
    ),
  );
}

/** The lab's spec without kube-proxy, in the lab's own folder. */
function withoutProxy(file: string): string {
  const text = readFileSync(file, "utf8").replaceAll("../../../.lab/cilium/", "");
  const to = join(LAB, "without-kube-proxy.yaml");
  writeFileSync(to, `${text}kubeProxy: {mode: none}\n`);
  return to;
}
