/** `dualstack verify` on a live cluster: it proves, and it fails when something is wrong. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dualstack, labSpec, on, SPEC_FILE } from "./harness";

interface Json {
  results: { id: string; ok: boolean; family?: string; milliseconds: number; look?: string; found: string }[];
}

/** The JSON that the command printed; progress went elsewhere. */
function json(output: string): Json {
  return JSON.parse(output.slice(output.indexOf("{")));
}

test("every kind of check passes on each family, with the time it took", async () => {
  const { code, output } = await dualstack("verify", SPEC_FILE, "--json");
  const { results } = json(output);
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
  expect(code).toBe(0);
  for (const kind of ["pod-to-pod", "service-ip", "service-dns", "node-port", "egress"]) {
    for (const family of ["ipv4", "ipv6"]) {
      const own = results.filter((each) => each.id.startsWith(`${kind}/`) && each.family === family);
      expect([kind, family, own.length]).toEqual([kind, family, 3]);
    }
  }
});

test("a dropped NodePort on one node and one family is named, with where to look", async () => {
  const worker = labSpec().hosts.find(({ name }) => name === "worker-1")!;
  // only what opens a connection: a reply to a masqueraded pod comes to any port
  const rule =
    "nft add table ip6 broken; nft add chain ip6 broken in '{ type filter hook prerouting priority -300; }'; nft add rule ip6 broken in 'tcp dport 30000-32767 tcp flags & (syn | ack) == syn drop'";
  await on(worker, rule);
  try {
    const { code, output } = await dualstack("verify", SPEC_FILE, "--json", "--patience", "5");
    expect(code).toBe(1);
    const failed = json(output).results.filter(({ ok }) => !ok);
    expect(failed.map(({ id }) => id)).toEqual(["node-port/worker-1/ipv6"]);
    expect(failed[0]?.look).toContain("nodePortAddresses");
    expect(failed[0]?.found).toMatch(/timed out/i);
  } finally {
    await on(worker, "nft delete table ip6 broken");
  }
});

test("a node that lost its IPv6 forwarding is found out", async () => {
  const worker = labSpec().hosts.find(({ name }) => name === "worker-2")!;
  await on(worker, "sysctl -w net.ipv6.conf.all.forwarding=0");
  try {
    const { code, output } = await dualstack("verify", SPEC_FILE, "--patience", "5");
    expect(code).toBe(1);
    expect(output).toMatch(/FAILED pod-to-pod\/\S+\/ipv6[\s\S]*expected[\s\S]*found[\s\S]*look at/);
    expect(output).not.toMatch(/FAILED \S+\/ipv4/);
  } finally {
    await on(worker, "sysctl -w net.ipv6.conf.all.forwarding=1");
  }
});

test("without verification.keep nothing of the probe is left", async () => {
  const file = SPEC_FILE.replace("lab.yaml", "lab-without-keep.yaml");
  writeFileSync(file, readFileSync(SPEC_FILE, "utf8").replace("  keep: true\n", ""));
  try {
    expect(await dualstack("verify", file)).toMatchObject({ code: 0 });
    const [plane] = labSpec().hosts;
    const get =
      "kubectl --kubeconfig /etc/kubernetes/admin.conf get namespace dualstack-verify -o jsonpath={.status.phase} 2>&1 || true";
    expect(await on(plane!, get)).toMatch(/NotFound|Terminating/);
  } finally {
    rmSync(file);
  }
});
