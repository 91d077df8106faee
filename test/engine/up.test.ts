/**
 * `dualstack up`, `preview` and `destroy` with a real engine on the local file back end, and hosts that do nothing but remember what
 * they were told: a step that a host has done is found done, as a real step finds it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fits } from "../plan/diff-schema";
import { Answering } from "../up/answering";
import { Project, specOf as textOf } from "../up/project";

const schema = JSON.parse(readFileSync(join(__dirname, "../../docs/up.schema.json"), "utf8"));
const project = new Project();
let hosts: Answering;
beforeAll(async () => {
  hosts = await Answering.start(project.folder, 31);
});
afterAll(async () => {
  await hosts.close();
  project.remove();
});
const specOf = (...args: Parameters<typeof textOf>) => hosts.reached(textOf(...args));
beforeEach(() => project.forget());

const changed = (text: string) =>
  text.replace("mode: iptables", "mode: nftables").replace("network:", "network:\n  dns: [10.0.0.53]");
const resources = async () => {
  const { stdout } = await project.pulumi("stack", "--stack", "three");
  return Number(/Current stack resources \((\d+)\)/.exec(stdout)?.[1]);
};
const applied = async () =>
  (await project.pulumi("stack", "output", "applied", "--show-secrets", "--stack", "three")).stdout;
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((again) => setTimeout(again, 50));
};

/** Steps and files of hosts that the preview's two halves name. */
async function preview(...args: string[]) {
  const { code, stdout, stderr } = await project.dualstack(["preview", "three", "--json", ...args]);
  if (stdout === "") throw new Error(stderr);
  return { code, ...JSON.parse(stdout) };
}

let all: number;

test("a new environment: the stack is made, hosts and steps are shown, the proof stands at the end", async () => {
  project.spec("three", specOf(3));
  expect(await preview()).toMatchObject({ code: 1, diff: { created: true }, preview: { steps: [] } });
  const { code, stdout, stderr } = await project.dualstack(["up", "three", "--yes"], { DUALSTACK_IDLE_MS: "100" });
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/every node is ready[\s\S]*1 of 1 checks passed\nthree is live after/),
  ]);
  expect(stderr).toMatch(/^idle: a new cluster of 3 hosts[\s\S]*^preflight: \d\d checks passed$/m);
  expect(hosts.asked()).toBe(3);
  expect(stderr).toMatch(/^node-1 system: working$/m);
  expect(stderr).toMatch(/^node-2 kubernetes: done, [\d.]+ s$/m);
  expect(project.hosts()).toEqual({ did: 9 });
  expect(await applied()).toContain('"mode":"iptables"');
  all = await resources();
});

test("again: nothing changes, no host is asked first; without a terminal and --yes it asks nobody and runs nothing", async () => {
  const before = hosts.asked();
  const again = await project.dualstack(["up", "three", "--yes"]);
  expect([again.code, again.stdout]).toEqual([
    0,
    expect.stringMatching(/^three is live[^\n]*\n {2}unchanged: 3 hosts/),
  ]);
  const asked = await project.dualstack(["up", "three"]);
  expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("say --yes")]);
  expect([project.hosts(), hosts.asked()]).toEqual([{}, before]);
});

test("the diff and the engine name the same steps of the same hosts, with the same files", async () => {
  project.spec("three", specOf(3, changed));
  const { code, diff, preview: engine } = await preview();
  expect(code).toBe(1);
  const named = (steps: { host: string; step: string; files?: string[] }[]) =>
    steps.map(({ host, step, files }) => `${host} ${step} ${[...(files ?? [])].sort()}`).sort();
  const ofDiff = diff.hosts.flatMap((group: any) =>
    group.hosts.flatMap((host: string) =>
      group.steps.map((one: any) => ({ host, step: one.step, files: one.files.map((file: any) => file.path) })),
    ),
  );
  // the certificate that a join is told, and what is made with the kubeconfig, stay as they are: nothing is unknown
  expect(named(engine.steps)).toEqual(named(ofDiff));
  expect(named(ofDiff)).toContain("node-1 system ");
  const objects = diff.objects.map(({ kind, namespace, name }: { kind: string; namespace: string; name: string }) => {
    return `update ${kind} idle-${kind.toLowerCase()}-${namespace}-${name}`;
  });
  const proof = "update Verification idle";
  expect(engine.resources.filter((one: string) => one !== proof).sort()).toEqual(objects.sort());
  expect(engine).toMatchObject({ onlyState: [], onlyDiff: [], unknown: [] });
});

test.each([
  ["node-2 network", ["node-0", "node-1"], []],
  // where a cluster runs, the first worker is the pilot of the others: one mistake does not cut off all of them
  ["node-1 network", ["node-0"], ["node-2"]],
  ["node-1 system", ["node-0", "node-2"], []],
  ["node-0 kubernetes", [], []],
])(
  "%s fails: %j are finished, %j not touched, nothing is deleted, and the next run goes on",
  async (step, finished, untouched) => {
    // from one spec to the other, and the next time back
    const back = (await applied()).includes('"mode":"nftables"');
    const before = hosts.told(1).length;
    project.spec("three", back ? specOf(3) : specOf(3, changed));
    const failing = { DUALSTACK_IDLE_FAIL: `^${step.replace(" ", "-")}$` };
    const failed = await project.dualstack(["up", "three", "--yes"], failing);
    expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining(`${step.replace(" ", ", step ")}\n`)]);
    expect(failed.stdout).toContain("error: this step fails");
    expect(failed.stdout).toContain("next: mend it, then `dualstack up three`");
    for (const host of finished) expect(failed.stderr).toMatch(new RegExp(`^${host} kubernetes: done`, "m"));
    for (const host of untouched) expect(project.log().join()).not.toContain(host);
    expect(Object.keys(project.hosts(/./))).not.toContain("removed");
    expect(await resources()).toBe(all);
    expect(await applied()).toContain(back ? '"mode":"nftables"' : '"mode":"iptables"');

    const { code, stdout } = await project.dualstack(["up", "three", "--yes"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("three is live")]);
    expect(await applied()).toContain(back ? '"mode":"iptables"' : '"mode":"nftables"');
    expect(project.hosts()).toEqual({ did: 9 });
    // a network that the last run applied may have gone back since, so it is applied again before the step that counts on it
    const told = hosts.told(1).slice(before);
    expect(told.map(({ stdin }) => /^step (\w+)$/m.exec(stdin)?.[1])).toEqual(
      step === "node-1 system" ? ["network"] : [],
    );
  },
);

test.each([
  ["another pod range", (text: string) => text.replace("10.128.0.0/11", "10.64.0.0/11"), "network.pods.ipv4"],
  [
    "another order of the families",
    (text: string) => text.replace("network:", "network:\n  families: [ipv6, ipv4]"),
    "network.families",
  ],
  [
    "the only control plane replaced",
    (text: string) =>
      text
        .replace("node-0, role: control-plane", "node-9, role: control-plane")
        .replace("172.20.0.2/", "172.20.0.99/")
        .replace("fd00:20::2/", "fd00:20::99/"),
    "hosts[node-0]",
  ],
])("%s is refused before anything runs, by each of the commands", async (_, change, path) => {
  project.spec("three", specOf(3, change));
  for (const command of [
    ["preview", "three"],
    ["up", "three", "--yes"],
  ]) {
    const { code, stdout, stderr } = await project.dualstack(command);
    expect([code, stdout + stderr]).toEqual([2, expect.stringContaining(path)]);
  }
  for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    const { code, stdout, stderr } = await project.pulumi(...command, "--stack", "three");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("refused: the running cluster cannot take this change");
    expect(stdout + stderr).toContain(path);
  }
  expect(project.log()).toEqual([]);
  expect(await resources()).toBe(all);
  project.spec("three", specOf(3));
});

test("Ctrl-C lets running steps finish, saves, and says what is left; the next run goes on", async () => {
  project.spec("many", specOf(30));
  const run = project.start(["up", "many", "--json", "--yes"], { DUALSTACK_IDLE_MS: "4000" });
  await until(() => project.log().length > 0);
  process.kill(run.child.pid!, "SIGINT");
  const { code, stdout } = await run.ended;
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const event of events) expect(fits(schema, event)).toEqual([]);
  const begun = events.filter(({ event, state }) => event === "step" && state === "running").length;
  const finished = events.filter(({ event, state }) => event === "step" && state === "done").length;
  expect([code, events.at(-1).result, finished]).toEqual([130, "interrupted", begun]);
  expect(events.at(-1).hosts.left.length).toBeGreaterThan(0);
  // each step has a line for the one time that it ran
  const ran = () =>
    project
      .log()
      .filter((line) => /-(network|system|kubernetes)$/.test(line))
      .map((line) => line.split(" ").at(-1));
  expect(ran()).toHaveLength(begun);
  const next = await project.dualstack(["up", "many", "--yes"]);
  expect([next.code, next.stdout]).toEqual([0, expect.stringContaining("many is live")]);
  expect([ran().length, new Set(ran()).size]).toEqual([90, 90]);
});

test("kill -9 of the engine loses the state of a large run, and the hosts still do nothing twice", async () => {
  project.spec("many", specOf(30, changed));
  const run = project.start(["up", "many", "--yes"], { DUALSTACK_IDLE_MS: "500" });
  await until(() => (project.hosts().did ?? 0) > 20);
  const locked = await project.dualstack(["up", "many", "--yes"]);
  expect([locked.code, locked.stdout]).toEqual([1, expect.stringContaining("another run works on many")]);
  process.kill(-project.engine()!, "SIGKILL");
  const killed = await run.ended;
  expect([killed.code, killed.stdout]).toEqual([137, expect.stringContaining("pulumi cancel --stack many --yes")]);
  const dead = await project.dualstack(["up", "many", "--yes"]);
  expect(dead.stdout).toMatch(/is dead \(process \d+ of [\s\S]*pulumi cancel --stack many --yes/);
  expect((await project.pulumi("cancel", "--stack", "many", "--yes")).code).toBe(0);
  const { code, stdout } = await project.dualstack(["up", "many", "--yes"]);
  expect([code, stdout]).toEqual([0, expect.stringContaining("many is live")]);
  expect(project.hosts().same).toBeGreaterThan(0);
  const did = project.log().filter((line) => line.startsWith("did "));
  expect(new Set(did).size).toBe(did.length);
});

test("kill -9 while a host is added to a large cluster: the state knows it, and it can be taken out again", async () => {
  project.spec("many", specOf(31, changed));
  const run = project.start(["up", "many", "--yes"], { DUALSTACK_IDLE_MS: "2000" });
  const file = join(project.folder, "state/.pulumi/stacks/idle/many.json");
  const saved = () => JSON.parse(readFileSync(file, "utf8")).checkpoint.latest.resources.map(({ urn }: any) => urn);
  await until(() => project.log().includes("did node-30-network") && saved().join().includes("node-30-network"));
  process.kill(-project.engine()!, "SIGKILL");
  const killed = await run.ended;
  expect([killed.code, killed.stdout]).toEqual([137, expect.stringContaining("pulumi cancel --stack many --yes")]);
  expect((await project.pulumi("cancel", "--stack", "many", "--yes")).code).toBe(0);
  project.spec("many", specOf(30, changed));
  expect((await project.dualstack(["up", "many", "--yes"])).code).toBe(0);
  expect(project.log().filter((line) => line.startsWith("removed"))).toEqual(["removed node-30-network"]);
});

test("destroy gives every host back, and an environment that is not there is told", async () => {
  const { code, stdout } = await project.dualstack(["destroy", "many", "--yes"]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^many is gone[^\n]*\n {2}removed: 30 hosts/)]);
  expect(project.hosts()).toEqual({ removed: 90 });
  project.spec("none", specOf(1));
  const none = await project.dualstack(["destroy", "none", "--yes"]);
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("there is no such stack")]);
});

test("a worker's network fails in a first run: nothing waits for it, since no cluster can be cut off yet", async () => {
  project.spec("first", specOf(3));
  const failed = await project.dualstack(["up", "first", "--yes"], { DUALSTACK_IDLE_FAIL: "^node-1-network$" });
  expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining("node-1, step network\n")]);
  for (const host of ["node-0", "node-2"]) expect(failed.stderr).toMatch(new RegExp(`^${host} kubernetes: done`, "m"));
  const { code, stdout } = await project.dualstack(["up", "first", "--yes"]);
  expect([code, stdout]).toEqual([0, expect.stringContaining("first is live")]);
});
