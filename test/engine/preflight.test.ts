/** `dualstack up` asks the hosts before it touches one: with a real engine, and hosts that answer SSH. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newKey } from "../contract/fixture/sshd";
import { fits } from "../plan/diff-schema";
import { Answering } from "../up/answering";
import { Project, specOf } from "../up/project";

const schema = JSON.parse(readFileSync(join(__dirname, "../../docs/up.schema.json"), "utf8"));
const project = new Project();
let hosts: Answering;
const give = (count: number, change = (text: string) => text) =>
  project.spec("three", change(hosts.reached(specOf(count))));
const up = (...flags: string[]) => project.dualstack(["up", "three", "--yes", ...flags]);
const otherDns = (text: string) => text.replace("network:", "network:\n  dns: [10.0.0.53]");

beforeAll(async () => {
  hosts = await Answering.start(project.folder, 4);
  give(3);
});
afterAll(async () => {
  await hosts.close();
  project.remove();
});

test("an error on a new host ends it before anything runs, and says what to do", async () => {
  hosts.swap.set(2, 2_097_148);
  const { code, stdout, stderr } = await up();
  expect([code, stdout, project.log()]).toEqual([1, "", []]);
  expect(stderr).toMatch(/^ERROR swap \(node-2\): 2\.0 GiB of swap\n {2}why .*\n {2}do /m);
  expect(stderr).toContain("nothing was changed. Mend the errors, then `dualstack up three` again; `--skip-preflight`");
  expect(hosts.asked()).toBe(3);
});

test("machines are told the same, by the schema", async () => {
  const { code, stdout } = await up("--json");
  const lines = stdout.trim().split("\n");
  const events = lines.map((line) => JSON.parse(line));
  for (const event of events) expect(fits(schema, event)).toEqual([]);
  expect([code, events.map(({ event }) => event)]).toEqual([1, ["change", "preflight"]]);
  expect(events[1]).toMatchObject({
    stopped: true,
    findings: expect.arrayContaining([expect.objectContaining({ code: "swap", hosts: ["node-2"] })]),
  });
  expect(project.log()).toEqual([]);
});

test("a host that does not let us in stops what would touch it", async () => {
  hosts.swap.clear();
  const key = readFileSync(join(project.folder, "id"), "utf8");
  writeFileSync(join(project.folder, "id"), newKey().private);
  const { code, stderr } = await up();
  writeFileSync(join(project.folder, "id"), key);
  expect([code, stderr, project.log()]).toEqual([
    1,
    expect.stringMatching(/^ERROR node-0: root@127\.0\.0\.1 port \d+: the host refuses our key/m),
    [],
  ]);
});

test("--skip-preflight asks no host", async () => {
  const before = hosts.asked();
  const { code } = await up("--skip-preflight");
  expect([code, hosts.asked(), project.hosts()]).toEqual([0, before, { did: 9 }]);
});

test("no host is asked where nothing changes", async () => {
  const before = hosts.asked();
  const { code, stderr } = await up();
  expect([code, hosts.asked(), stderr]).toEqual([0, before, expect.not.stringContaining("preflight")]);
});

test("an error of a host that the change leaves alone is told, and stops nobody", async () => {
  hosts.swap.set(1, 2_097_148);
  const before = hosts.asked();
  give(4);
  const { code, stderr } = await up();
  expect([code, stderr]).toEqual([0, expect.stringContaining("ERROR swap (node-1)")]);
  expect(hosts.asked()).toBe(before + 4);
});

test("the key is the stack's secret where there is one, as it is for the run; one that cannot be read is said", async () => {
  const key = join(project.folder, "id");
  const secret = readFileSync(key, "utf8");
  rmSync(key);
  const set = await project.pulumi("config", "set-all", "--secret", `sshPrivateKey=${secret}`, "--stack", "three");
  expect([set.code, set.stderr]).toEqual([0, ""]);
  give(4, otherDns);
  const { code, stderr } = await up();
  expect([code, stderr]).toEqual([1, expect.stringContaining("ERROR swap (node-1)")]);

  writeFileSync(join(project.folder, "stacks/Pulumi.new.yaml"), "config: {idle:sshPrivateKey: {secure: abc}}\n");
  project.spec("new", hosts.reached(specOf(1)));
  const skipped = await project.dualstack(["up", "new"]);
  expect(skipped.stderr).toContain(
    "preflight skipped: the private key is a secret of the stack new, which is not made yet\n",
  );
});
