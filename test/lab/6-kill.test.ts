/**
 * kill -9 of `pulumi up` at three moments; each next run goes on, and nothing is made twice. The cluster that comes of it has
 * IPv6 as its primary family, so that both orders are proven live.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { killGroup, LONG, labEnvironment, labSpec, on, pulumi, run, SPEC_FILE, start, until } from "./harness";

const original = readFileSync(SPEC_FILE, "utf8");
afterAll(() => writeFileSync(SPEC_FILE, original));

beforeAll(() => {
  // the hosts have no IPv6 address yet, so SSH goes by IPv4
  const spec = original
    .replace("families: [ipv4, ipv6]", "families: [ipv6, ipv4]")
    .replace(
      /- name: (\S+)\n {4}role: (\S+)([\s\S]*?)ipv4: \{address: ([\d.]+)/g,
      "- name: $1\n    role: $2\n    ssh: {address: $4}$3ipv4: {address: $4",
    )
    .replace(/outside: \{name: outside, ipv4: ([\d.]+)/, "outside: {name: outside, ssh: {address: $1}, ipv4: $1");
  expect(spec.match(/ssh: \{address/g)).toHaveLength(4);
  writeFileSync(SPEC_FILE, spec);
});

const host = (name: string) => labSpec().hosts.find((each) => each.name === name)!;

/** Starts `pulumi up` and kills it, plugins and all, as soon as the host is in the midst of something. */
async function killWhen(name: string, sign: string): Promise<void> {
  // the lock of the run that was killed before
  await pulumi("cancel", "--yes");
  const up = start(
    ["pulumi", "up", "--yes", "--skip-preview", "--stack", "lab", "--non-interactive"],
    await labEnvironment(),
  );
  await until(`${name}: ${sign}`, async () => (await on(host(name), `${sign} && echo yes || true`)) === "yes", 300);
  killGroup(up.child);
  expect((await up.ended).code).not.toBe(0);
}

test(
  "during the preparation of a host",
  async () => {
    await killWhen("worker-1", "grep -q ^system /run/lock/dualstack && pgrep ctr >/dev/null");
  },
  LONG,
);

test(
  "during kubeadm init",
  async () => {
    await killWhen("cp-1", "pgrep -f '[k]ubeadm init' >/dev/null");
  },
  LONG,
);

test(
  "during kubeadm join",
  async () => {
    await killWhen("worker-2", "pgrep -f '[k]ubeadm join' >/dev/null");
  },
  LONG,
);

test(
  "then npm start converges, with each node once",
  async () => {
    const { code, output } = await run(["npm", "start"]);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    expect(output).toMatch(/(\d+) of \1 checks passed \(ipv6 and ipv4\)/);
    const nodes = await on(host("cp-1"), "kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes -o name");
    expect(nodes.split("\n").sort()).toEqual(["node/cp-1", "node/worker-1", "node/worker-2"]);
  },
  LONG,
);

test("no join token is left that lets anybody in for longer than a quarter of an hour", async () => {
  const expirations = await on(
    host("cp-1"),
    `kubectl --kubeconfig /etc/kubernetes/admin.conf -n kube-system get secrets --field-selector type=bootstrap.kubernetes.io/token -o 'jsonpath={range .items[*]}{.data.expiration}{"\\n"}{end}'`,
  );
  for (const expiration of expirations.split("\n").filter(Boolean)) {
    const until = Date.parse(Buffer.from(expiration, "base64").toString());
    expect(until - Date.now()).toBeLessThan(15 * 60_000);
  }
}, 60_000);
