/** `pulumi preview` as a reviewer reads it, and `pulumi up` of a change on a running cluster. */
import { readFileSync, writeFileSync } from "node:fs";
import { LONG, labEnvironment, labSpec, on, pulumi, run, SPEC_FILE } from "./harness";

const original = readFileSync(SPEC_FILE, "utf8");
afterAll(() => writeFileSync(SPEC_FILE, original));

function change(from: string, to: string): void {
  expect(original).toContain(from);
  writeFileSync(SPEC_FILE, original.replace(from, to));
}

test("a changed file is a readable line diff", async () => {
  change("dns: [192.168.101.1]", "dns: [192.168.101.1, 192.168.101.90]");
  const { code, output } = await pulumi("preview", "--diff");
  expect(code).toBe(0);
  expect(output).toMatch(/^\s+file \/etc\/dualstack\/resolv.conf 0644 none$/m);
  expect(output).toMatch(/^\s*\+\s+nameserver 192\.168\.101\.90$/m);
  // the steps with the name servers and the proof; what is made with the kubeconfig of the changed control plane stays as it is
  const updated = [...output.matchAll(/^ *~ ([\w:/.]+): \(update\)/gm)].map(([, type]) => type).sort();
  expect(updated).toEqual([...Array(3).fill("command:remote:Command"), "dualstack:index:Verification"]);
});

test("dualstack up asks the hosts first: an error of preflight ends it, and no host is touched", async () => {
  const [, worker] = labSpec().hosts;
  const files = () => on(worker!, "cat /etc/dualstack/resolv.conf /var/lib/dualstack/network/confirmed");
  const before = await files();
  const rule = "add rule inet broken in meta nfproto ipv6 tcp dport 10250 drop";
  const chain = "add chain inet broken in '{ type filter hook prerouting priority -300; }'";
  await on(worker!, `nft add table inet broken; nft ${chain}; nft ${rule}`);
  try {
    const { code, output } = await run(["node", "bin/dualstack.js", "up", "lab", "--yes"], await labEnvironment());
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/^ERROR peer-port \(cp-1, worker-2\): worker-1 over ipv6: port 10250 filtered$/m),
    ]);
    expect(output).toContain("nothing was changed. Mend the errors, then `dualstack up lab` again");
  } finally {
    await on(worker!, "nft delete table inet broken");
  }
  expect(await files()).toBe(before);
});

test(
  "another pod range is refused by preview and up, and no host is touched",
  async () => {
    change("ipv4: 10.244.0.0/16", "ipv4: 10.200.0.0/16");
    const [plane] = labSpec().hosts;
    const before = await on(plane!, "cat /etc/dualstack/kubeadm.yaml");
    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const { code, output } = await pulumi(...command);
      expect(code).not.toBe(0);
      expect(output).toContain("refused: the running cluster cannot take this change");
      expect(output).toMatch(/^\s*network\.pods\.ipv4: 10\.244\.0\.0\/16 -> 10\.200\.0\.0\/16: /m);
    }
    expect(await on(plane!, "cat /etc/dualstack/kubeadm.yaml")).toBe(before);
  },
  LONG,
);

test(
  "the spec as it was is back",
  async () => {
    writeFileSync(SPEC_FILE, original);
    const { code, output } = await pulumi("up", "--yes", "--skip-preview");
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
  },
  LONG,
);
