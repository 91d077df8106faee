/** Drift: what a host answered against its plan, and how it is told. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PlannedFile } from "../../hosts/document";
import { Answers, printQuestions } from "../../hosts/look";
import { compare, type Drift, driftCode, type HostDrift, questionsAbout, renderDrift, toJson } from "../../plan/drift";
import { sysctlsOf } from "../../plan/drift/questions";
import { planCluster, steps } from "../../plan/plan";
import { parseSpec } from "../../spec";
import { fits } from "./diff-schema";

const file = join(__dirname, "specs/dual.yaml");
const plan = planCluster(parseSpec(readFileSync(file, "utf8"), { file }).spec);
const worker = plan.hosts[1]!;
const CA = readFileSync(join(__dirname, "../components/ca.pem"), "utf8");

const bytes = (text: string) => Buffer.byteLength(text);
const content = (text: string, mode: string) => [
  `${mode.replace(/^0/, "")} 0:0 ${bytes(text)}`,
  ...text.replace(/\n$/, "").split("\n"),
];
const whole = ({ text, mode }: PlannedFile) => content(`${text.replace(/\n$/, "")}\n`, mode);

/** What a worker answers that is as planned. */
function asPlanned(): Map<string, string[]> {
  const { kubernetes } = plan.spec;
  const answers = new Map<string, string[]>();
  for (const step of steps(worker)) {
    const noted = step.files.map(({ path }) => `file ${path}`);
    answers.set(`step ${step.name}`, ["made", ...(step.name === "kubernetes" ? ["done"] : []), ...noted]);
    for (const each of step.files) answers.set(`file ${each.path}`, whole(each));
    for (const [key, value] of sysctlsOf(step))
      answers.set(`sysctl ${key}`, [value, `${value} /etc/sysctl.d/90-dualstack.conf`]);
  }
  answers.set("file /etc/dualstack/ca.crt", content(CA, "0644"));
  answers.set("addresses", [
    "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever",
    "2: eth0    inet 10.0.0.12/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever preferred_lft forever",
    "2: eth0    inet6 fd00:10::12/64 scope global \\       valid_lft forever preferred_lft forever",
    "2: eth0    inet6 fe80::42:acff:fe11:2/64 scope link \\       valid_lft forever preferred_lft forever",
  ]);
  answers.set("routes 4", [
    "default via 10.0.0.1 dev eth0 proto static",
    "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.12",
  ]);
  answers.set("routes 6", [
    "fd00:10::/64 dev eth0 proto kernel metric 256 pref medium",
    "default via fe80::1 dev eth0 proto static metric 1024 pref medium",
  ]);
  for (const question of questionsAbout(worker)) {
    if (question.startsWith("module ")) answers.set(question, ["loaded"]);
    if (question.startsWith("service ")) answers.set(question, ["enabled active"]);
  }
  answers.set("version kubelet", [`Kubernetes v${kubernetes.version}`]);
  answers.set("version kubeadm", [`v${kubernetes.version}`]);
  answers.set("version containerd", ["containerd github.com/containerd/containerd v2.2.1 abc"]);
  return answers;
}

function printed(answers: ReadonlyMap<string, readonly string[]>): string {
  const blocks = [...answers].map(([question, lines]) => [question, ...lines.map((line) => `  ${line}`)].join("\n"));
  return ["start 1000.5", ...blocks, "end 1001.25", ""].join("\n");
}

function drift(change: (answers: Map<string, string[]>) => void): Drift[] {
  const answers = asPlanned();
  change(answers);
  return compare(plan.spec, worker, Answers.parse(printed(answers)), CA);
}

test("a host that is as planned has no drift, and every answer was asked for", () => {
  expect(drift(() => {})).toEqual([]);
  expect([...asPlanned().keys()].sort()).toEqual([...new Set(questionsAbout(worker))].sort());
});

const SYSCTL = "/etc/sysctl.d/90-dualstack.conf";
const FORWARDING = "sysctl net.ipv6.conf.all.forwarding";
const line = (answers: Map<string, string[]>, question: string, from: RegExp, to: string) =>
  answers.set(
    question,
    answers.get(question)!.map((each) => each.replace(from, to)),
  );

test.each<[string, (answers: Map<string, string[]>) => void, Partial<Drift>]>([
  ["a file is missing", (a) => a.set(`file ${SYSCTL}`, []), { kind: "file", name: SYSCTL, found: "missing" }],
  ["a file is a link", (a) => a.set(`file ${SYSCTL}`, ["symbolic link"]), { kind: "file", found: "symbolic link" }],
  [
    "a file has another mode",
    (a) => line(a, `file ${SYSCTL}`, /^644 /, "666 "),
    { kind: "file", planned: "mode 0644", found: "mode 0666" },
  ],
  [
    "a file has another owner",
    (a) => line(a, `file ${SYSCTL}`, /^644 0:0/, "644 1000:0"),
    { kind: "file", found: "owner 1000:0" },
  ],
  [
    "a file lost its last line end",
    (a) => line(a, `file ${SYSCTL}`, /^(644 0:0) (\d+)$/, "$1 9"),
    { kind: "file", found: "9 bytes, the same lines but for line ends" },
  ],
  [
    "the CA is another cluster's",
    (a) => line(a, "file /etc/dualstack/ca.crt", /^MI/, "MJ"),
    { step: "kubernetes", kind: "file", name: "/etc/dualstack/ca.crt" },
  ],
  [
    "a setting is another now",
    (a) => a.set(FORWARDING, ["0", `1 ${SYSCTL}`]),
    { kind: "sysctl", planned: "1", found: "0" },
  ],
  [
    "a setting is another at the next start",
    (a) => a.set(FORWARDING, ["1", "0 /etc/sysctl.d/99-mine.conf"]),
    { found: "0 at the next start, by /etc/sysctl.d/99-mine.conf" },
  ],
  ["the kernel has no such key", (a) => a.set(FORWARDING, [""]), { found: "the kernel has no such key" }],
  [
    "a module is not loaded",
    (a) => a.set("module br_netfilter", ["loadable"]),
    { kind: "module", name: "br_netfilter" },
  ],
  [
    "an address is missing",
    (a) => line(a, "addresses", /fd00:10::12/, "fd00:10::99"),
    { kind: "address", name: "eth0 fd00:10::12/64", found: "missing" },
  ],
  [
    "an address is elsewhere",
    (a) => line(a, "addresses", /^2: eth0( +inet 10)/, "3: eth1$1"),
    { kind: "address", name: "eth0 10.0.0.12/24", found: "on eth1" },
  ],
  [
    "an address has another prefix length",
    (a) => line(a, "addresses", /10\.0\.0\.12\/24/, "10.0.0.12/16"),
    { found: "with prefix length 16" },
  ],
  [
    "a duplicate address was detected",
    (a) => line(a, "addresses", /(fd00\S+ scope global)/, "$1 dadfailed tentative"),
    { found: expect.stringContaining("another machine on the link") },
  ],
  [
    "the default route is gone",
    (a) => a.set("routes 6", []),
    { kind: "route", name: "ipv6 default", planned: "via fe80::1 dev eth0", found: "none" },
  ],
  [
    "the default route is another",
    (a) => line(a, "routes 4", /via 10\.0\.0\.1 /, "via 10.0.0.9 "),
    { kind: "route", found: "via 10.0.0.9 dev eth0 metric 0" },
  ],
  [
    "another default route wins",
    (a) => a.get("routes 6")!.push("default via fe80::9 dev eth1 proto ra metric 100 pref medium"),
    { kind: "route", found: expect.stringContaining("via fe80::9 dev eth1 metric 100") },
  ],
  [
    "a service is stopped",
    (a) => a.set("service kubelet", ["enabled inactive"]),
    { step: "kubernetes", kind: "service", name: "kubelet", found: "enabled inactive" },
  ],
  [
    "a service is not enabled",
    (a) => a.set("service containerd", ["disabled active"]),
    { step: "system", name: "containerd" },
  ],
  [
    "kubelet was updated",
    (a) => a.set("version kubelet", ["Kubernetes v1.99.0"]),
    { step: "system", kind: "version", found: "v1.99.0" },
  ],
  ["kubelet does not run", (a) => a.set("version kubelet", []), { kind: "version", found: "it does not run" }],
  [
    "a step never ran",
    (a) => a.set("step network", []),
    { step: "network", kind: "step", found: "never run on this host" },
  ],
  [
    "a step was cut off",
    (a) => a.get("step system")!.push("pending"),
    { step: "system", found: "cut off before what changed was put into effect" },
  ],
  [
    "a join was cut off",
    (a) =>
      a.set(
        "step kubernetes",
        a.get("step kubernetes")!.filter((one) => one !== "done"),
      ),
    { found: "cut off before its end" },
  ],
  [
    "an earlier plan's file is there",
    (a) => a.get("step network")!.push("file /etc/old"),
    { kind: "leftover", name: "/etc/old" },
  ],
])("%s", (_, change, expected) => {
  expect(drift(change)).toEqual([expect.objectContaining(expected)]);
});

test("the lines of a file are shown, those that are planned and those that are there", () => {
  const [found] = drift((a) => {
    line(a, `file ${SYSCTL}`, /^net\.ipv6\.conf\.all\.forwarding = 1$/, "net.ipv6.conf.all.forwarding = 0");
  });
  expect(found!.lines).toEqual([
    { section: "", removed: ["net.ipv6.conf.all.forwarding = 1"], added: ["net.ipv6.conf.all.forwarding = 0"] },
  ]);
});

const hosts: HostDrift[] = [
  { host: "cp-1", state: "clean", drift: [] },
  ...["worker-1", "worker-2"].map(
    (host) => ({ host, state: "drifted", drift: drift((a) => a.set(FORWARDING, ["0", ""])) }) as const,
  ),
  { host: "worker-3", state: "unreachable", problem: "root@10.0.0.14 port 22: ECONNREFUSED", drift: [] },
];

test("equal differences are told once, with their hosts, and the exit code is the worst", () => {
  expect(renderDrift(hosts)).toBe(
    "worker-1, worker-2: sysctl net.ipv6.conf.all.forwarding: planned 1, found 0\n" +
      "worker-3: not asked: root@10.0.0.14 port 22: ECONNREFUSED\n" +
      "1 of 4 hosts is as planned, 2 drifted, 1 could not be asked\n",
  );
  expect(renderDrift(hosts.slice(0, 1))).toBe("1 of 1 hosts is as planned\n");
  expect([hosts, hosts.slice(0, 3), hosts.slice(0, 1)].map(driftCode)).toEqual([3, 1, 0]);
});

test("the JSON fits the published schema", () => {
  const schema = JSON.parse(readFileSync(join(__dirname, "../../docs/drift.schema.json"), "utf8"));
  const withLines = {
    host: "x",
    state: "drifted",
    drift: drift((a) => line(a, `file ${SYSCTL}`, /^net\.ipv4/, "no")),
  } as const;
  const value = JSON.parse(toJson([...hosts, withLines]));
  expect(fits(schema, value)).toEqual([]);
  expect(value.exitCode).toBe(3);
  expect(fits(schema, { ...value, more: 1 })).toEqual(["$: has more"]);
});

test("answers that were cut off are refused, and questions are lines", () => {
  expect(() => Answers.parse(printed(asPlanned()).replace(/end .*\n/, ""))).toThrow(/cut off/);
  expect(() => Answers.parse(printed(asPlanned())).of("file /etc/shadow")).toThrow("was not asked");
  expect(() => printQuestions(["file /a\nfile /b"])).toThrow(/line break/);
  expect(Answers.parse(printed(asPlanned()))).toMatchObject({ start: 1000.5, end: 1001.25 });
});
