/** A run as people and machines see it, told from events of the engine. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { endingOf } from "../../../cli/up/ending";
import { lockHeld } from "../../../cli/up/locked";
import { type Notice, Progress, stateOf } from "../../../cli/up/progress";
import { screen } from "../../../cli/up/screen";
import { endingText, noticeLine } from "../../../cli/up/words";
import { fits } from "../../plan/diff-schema";
import { error, fail, object, out, pre, says, step, verification } from "./events";

const RESULT = {
  id: "nodes",
  title: "nodes",
  ok: true,
  expected: "",
  found: "",
  milliseconds: 5,
  tries: 1,
  family: "ipv6",
};

/** cp-1 is done, worker-1 fails in its second step, worker-2 was done before, old-1 goes. */
function failedRun(): { progress: Progress; notices: Notice[] } {
  const progress = new Progress(["cp-1", "worker-1", "worker-2"]);
  const cp = (name: string) => step(`cp-1-${name}`, "ControlPlane");
  const events = [
    ...["network", "system", "kubernetes"].flatMap((name) => [pre("update", cp(name)), out("update", cp(name))]),
    pre("create", step("worker-1-network")),
    out("create", step("worker-1-network")),
    pre("create", step("worker-1-system")),
    says(step("worker-1-system"), "dualstack: worker-1: importing linux/etcd.tar\n"),
    error(
      `Process exited with status 1: running "if [ \\"$(id -u)\\" = 0 ]; then exec bash; fi":\ndualstack: worker-1: error: no room`,
      step("worker-1-system"),
    ),
    fail("create", step("worker-1-system")),
    ...["network", "system", "kubernetes"].flatMap((name) => [
      pre("same", step(`worker-2-${name}`)),
      out("same", step(`worker-2-${name}`)),
    ]),
    pre("same", object("kubernetes:apps/v1:DaemonSet", "prod-daemonset")),
    out("same", object("kubernetes:apps/v1:DaemonSet", "prod-daemonset")),
    ...["kubernetes", "system", "network"].flatMap((name) => [
      pre("delete", step(`old-1-${name}`)),
      out("delete", step(`old-1-${name}`)),
    ]),
    error("update failed"),
    { summaryEvent: { resourceChanges: { update: 3, create: 1, same: 4, delete: 3 } } },
  ];
  const notices = events.flatMap((event, second) => progress.take(event, second * 1000));
  return { progress, notices };
}

test("each host is as its steps are", () => {
  const { progress } = failedRun();
  const states = Object.fromEntries([...progress.hosts].map(([name, steps]) => [name, stateOf(steps)]));
  expect(states).toEqual({ "cp-1": "done", "worker-1": "failed", "worker-2": "unchanged", "old-1": "removed" });
  expect(progress.hosts.get("cp-1")!.system).toMatchObject({ state: "done", seconds: 1 });
});

test("plain lines tell what is news", () => {
  const lines = failedRun().notices.flatMap((notice) => noticeLine(notice) ?? []);
  expect(lines.slice(0, 6)).toEqual([
    "cp-1 network: done, 1.0 s",
    "cp-1 system: done, 1.0 s",
    "cp-1 kubernetes: done, 1.0 s",
    "worker-1 network: done, 1.0 s",
    "worker-1 system: importing linux/etcd.tar",
    "worker-1 system: failed, 3.0 s",
  ]);
});

test("in kind, what kind says is told as the making of the cluster", () => {
  const making = object("dualstack:index:KindCluster$command:local:Command", "dev-kind");
  const progress = new Progress([]);
  const events = [pre("create", making), says(making, " • Preparing nodes\n"), out("create", making)];
  const notices = events.flatMap((event, second) => progress.take(event, second * 1000));
  expect(notices.flatMap((notice) => noticeLine(notice) ?? [])).toEqual([
    "kind: • Preparing nodes",
    "kind: done, 2.0 s",
  ]);
});

test("the end says who failed and why, who is done, what to do next", () => {
  const { progress } = failedRun();
  const ending = endingOf(progress, { result: "failed", exitCode: 1, seconds: 75, next: "mend it" });
  expect(endingText("prod", "up", ending)).toBe(
    [
      "prod up failed after 75 s",
      "  changed: cp-1",
      "  unchanged: worker-2",
      "  removed: old-1",
      "  worker-1, step system",
      "    Process exited with status 1",
      "    dualstack: worker-1: error: no room",
      "next: mend it",
      "",
    ].join("\n"),
  );
});

test("the table of the verification stands at the end, when there was something to prove", () => {
  const ending = (op: string) => {
    const progress = new Progress([]);
    progress.take(pre(op, verification), 0);
    progress.take(out(op, verification), 1);
    progress.take(out(op, verification, { new: { outputs: { results: [RESULT] } } }), 1);
    return endingText("prod", "up", endingOf(progress, { result: "succeeded", exitCode: 0, seconds: 1 }));
  };
  expect(ending("create")).toMatch(/│ ok +│ nodes[\s\S]*1 of 1 checks passed \(ipv6\)\nprod is live after 1.0 s/);
  expect(ending("same")).toBe("prod is live after 1.0 s\n");
});

test("the screen holds what fits, and shows first who failed or works", () => {
  const names = Array.from({ length: 300 }, (_, i) => `node-${i}`);
  const progress = new Progress(names);
  progress.take(pre("create", step("node-250-network")), 0);
  progress.take(says(step("node-250-network"), "dualstack: node-250: wrote /etc/x"), 1000);
  progress.take(pre("create", step("node-7-system")), 0);
  progress.take(fail("create", step("node-7-system")), 2000);
  const lines = screen(progress, "prod up, 4 s", 4000, 20);
  expect(lines.length).toBeLessThan(20);
  expect(lines[0]).toBe("prod up, 4 s: 300 hosts: 1 failed, 1 at work, 298 waiting");
  expect(lines[1]).toMatch(/^node-7 +· network {2}✗ system 2.0 s {2}· kubernetes/);
  expect(lines[2]).toMatch(/^node-250 +▸ network 4.0 s .*wrote \/etc\/x$/);
  expect(lines.at(-1)).toMatch(/and 284 hosts more/);
});

test("every event fits the published schema", () => {
  const schema = JSON.parse(readFileSync(join(__dirname, "../../../docs/up.schema.json"), "utf8"));
  const { progress, notices } = failedRun();
  const ending = endingOf(progress, { result: "failed", exitCode: 1, seconds: 75, next: "mend it" });
  const events = [
    ...notices.map((one) => ({ event: "line" in one ? "line" : "step", ...one })),
    { event: "end", ...ending },
  ];
  for (const event of events) expect(fits(schema, { time: "2026-11-21T10:00:00.000Z", ...event })).toEqual([]);
  expect(fits(schema, { time: "", event: "step", host: "a", state: "asleep" })).not.toEqual([]);
});

const locked = (pid: number) =>
  `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n` +
  `  file:///state/.pulumi/locks/organization/dualstack/prod/x.json: created by ops@${hostname()} (pid ${pid}) at 2026-11-21T10:00:00Z`;

test("the lock of a dead run is told with the remedy, that of a living one is left alone", () => {
  // no process has this number: it is beyond what the kernel gives (kernel.pid_max is at most 2^22)
  expect(lockHeld(locked(99_999_999), "prod")).toMatch(
    /is dead \(process 99999999 of ops.*`pulumi cancel --stack prod --yes`/s,
  );
  expect(lockHeld(locked(process.pid), "prod")).toMatch(/^another run works on prod .*wait for it/);
  expect(lockHeld("error: no room", "prod")).toBeUndefined();
});
