/**
 * kill -9 of `pulumi up` at three moments; each next run goes on, and nothing is made twice. The cluster that comes of it has
 * IPv6 as its primary family, so that both orders are proven live.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { killGroup, LONG, labEnvironment, labSpec, on, pulumi, run, SPEC_FILE, start } from "./harness";

const original = readFileSync(SPEC_FILE, "utf8");
afterAll(() => writeFileSync(SPEC_FILE, original));

beforeAll(async () => {
  // what the faults before left half done: some of the hosts are prepared, or wait for a confirmation
  const { code, output } = await pulumi("destroy", "--yes", "--skip-preview");
  expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
  // the hosts have no IPv6 address then, so SSH goes by IPv4
  const spec = original
    .replace("families: [ipv4, ipv6]", "families: [ipv6, ipv4]")
    .replace(
      /- name: (\S+)\n {4}role: (\S+)([\s\S]*?)ipv4: \{address: ([\d.]+)/g,
      "- name: $1\n    role: $2\n    ssh: {address: $4}$3ipv4: {address: $4",
    )
    .replace(/outside: \{name: outside, ipv4: ([\d.]+)/, "outside: {name: outside, ssh: {address: $1}, ipv4: $1");
  expect(spec.match(/ssh: \{address/g)).toHaveLength(4);
  writeFileSync(SPEC_FILE, spec);
}, LONG);

const host = (name: string) => labSpec().hosts.find((each) => each.name === name)!;

/** Waits on the host for `$program` and stops it there, so that it does not end before the kill; gives its process id. */
const HOLD =
  'until pid=$(pgrep -o -f "$program"); do [ $SECONDS -lt 500 ] || exit 1; sleep 0.02; done; kill -STOP $pid && echo $pid';

/** Starts `pulumi up` and kills it, plugins and all, while the host is in the midst of running a program. */
async function killDuring(program: RegExp, name: string): Promise<void> {
  // the lock of the run that was killed before
  await pulumi("cancel", "--yes");
  const up = start(
    ["pulumi", "up", "--yes", "--skip-preview", "--stack", "lab", "--non-interactive"],
    await labEnvironment(),
  );
  const early = up.ended.then(async ({ output }) => {
    await on(host(name), "pkill -f 'until pi[d]='");
    throw new Error(`${name} never ran ${program.source}:\n${output}`);
  });
  const seen = on(host(name), `program='${program.source}'; ${HOLD}`);
  const held = await Promise.race([seen, early]).finally(() => up.child.exitCode ?? killGroup(up.child));
  await on(host(name), `kill -CONT ${held}`);
  expect((await up.ended).code).not.toBe(0);
}

test(
  "during the preparation of a host",
  async () => {
    await killDuring(/[c]tr -n k8s.io images import/, "cp-1");
  },
  LONG,
);

test(
  "during kubeadm init",
  async () => {
    await killDuring(/[k]ubeadm init/, "cp-1");
  },
  LONG,
);

test(
  "during kubeadm join",
  async () => {
    await killDuring(/[k]ubeadm join/, "worker-2");
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
});
