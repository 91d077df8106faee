/**
 * Another release of Kubernetes on a running cluster: killed in the middle and gone on with, a node that cannot be emptied, and a Service
 * that answers over both families throughout. The older release is linked from the sources of the newer one (lab/build/programs.ts), or
 * DUALSTACK_UPGRADE_FROM names one that is built from its own: 1.35.4 is a minor release older, and takes some ten minutes more.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../../hosts/command-line";
import { type ClusterSpec, type Host, hostPort, inOrder, loadSpec } from "../../spec";
import { kubectl, stepOf } from "./cluster";
import { dualstack, killGroup, LONG, labEnvironment, on, ROOT, run, start, until } from "./harness";

const file = join(ROOT, "test/lab/specs/upgrade.yaml");
const original = readFileSync(file, "utf8");
const [OLD, NEW] = [process.env.DUALSTACK_UPGRADE_FROM ?? "1.36.2", "1.36.3"];
const UP = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--stack", "upgrade", "--parallel", "64"];

afterAll(async () => {
  writeFileSync(file, original);
  await dualstack("lab", "down", file);
}, LONG);

let spec: ClusterSpec;
const kube = (line: string, stdin = "") => kubectl(line, stdin, spec);
const ask = (host: Host, line: string, stdin = "") => on(host, line, stdin, spec);
const outside = (line: string) => on(spec.verification.outside!, line, "", spec);
const plane = () => spec.hosts[0]!;
const workers = () => spec.hosts.filter(({ role }) => role === "worker");

/** Has the spec name a release. */
function choose(version: string): void {
  writeFileSync(file, original.replace(/version: "1[.\d]+"/, `version: "${version}"`));
}

/** The same of a lab that is up, whose hosts have keys. */
function name(version: string): void {
  choose(version);
  spec = loadSpec(file).spec;
}

/** Node, release of its kubelet, whether it takes pods. */
const nodes = async () =>
  (
    await kube(
      "get nodes -o 'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion} {.spec.unschedulable}{\"\\n\"}{end}'",
    )
  )
    .split("\n")
    .map((line) => line.trim());

/** Two pods, of which one must always be there, at a port of every node. */
const WEB = () => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      topologySpreadConstraints:
        - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
      terminationGracePeriodSeconds: 10
      containers:
        - name: web
          image: ${spec.verification.image}
          args: [serve-hostname, --http, --port=8080]
          readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
          # until every node has taken it out of the Service
          lifecycle: {preStop: {sleep: {seconds: 5}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  ipFamilyPolicy: RequireDualStack
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
`;

const budget = (minAvailable: number) => `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: ${minAvailable}, selector: {matchLabels: {app: web}}}
`;

/** What kubeadm and kube-proxy were told when the cluster was made, without the release. */
const settings = async () => {
  const of = (map: string, key: string) => kube(`-n kube-system get configmap ${map} -o 'jsonpath={.data.${key}}'`);
  const cluster = await of("kubeadm-config", "ClusterConfiguration");
  const dns = await kube("-n kube-system get service kube-dns -o 'jsonpath={.spec.ipFamilyPolicy} {.spec.clusterIPs}'");
  return [
    cluster.replace(/^kubernetesVersion: .*$/m, ""),
    await of("kube-proxy", "config\\.conf"),
    await of("kubelet-config", "kubelet"),
    dns,
  ];
};

let before: string[];

test(
  "comes up with the older release, and a Service answers by a port of every node",
  async () => {
    choose(OLD);
    const { code, output } = await dualstack("lab", "up", file);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    spec = loadSpec(file).spec;
    expect(await nodes()).toEqual(spec.hosts.map((host) => `${host.name} v${OLD}`));
    await kube("apply -f -", `${WEB()}---${budget(2)}`);
    await kube("rollout status deployment web --timeout=240s");
    before = await settings();
    expect(before.at(-1)).toMatch(/^RequireDualStack \["10\.96\.0\.10","fd5d:a57a:c400:300::[0-9a-f]+"\]$/);
    // from the outside, by a node that stays and each of its families, ten times a second
    const urls = inOrder(spec.network.families, plane().addresses).map((each) => `http://${hostPort(each, 30080)}/`);
    const one = (url: string) =>
      `while [ ! -e /run/enough ]; do curl -gsf -m 2 -o /dev/null ${url} && echo ok || echo failed $(date +%T); sleep 0.1; done`;
    const loops = urls.map((url, i) => `setsid bash -c '${one(url)}' >/run/asked-${i} 2>&1 </dev/null &`);
    await outside(`rm -f /run/enough; ${loops.join(" ")} sleep 1; ! grep -h failed /run/asked-*`);
  },
  LONG,
);

test(
  "a run that is killed in the midst of the control plane's upgrade: the host ends what it began, and no worker was touched",
  async () => {
    name(NEW);
    const { code, output } = await dualstack("lab", "up", "--hosts-only", file);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    const up = start(UP, await labEnvironment(file));
    await until(
      "kubeadm upgrade apply",
      async () => (await ask(plane(), "pgrep -f '[k]ubeadm upgrade apply' >/dev/null && echo yes || true")) === "yes",
    );
    // every host had the kubeadm of the release before; their kubelets and what runs them are as they were
    for (const host of spec.hosts)
      expect(await ask(host, "kubelet --version; /opt/dualstack/bin/kubeadm version -o short")).toBe(
        `Kubernetes v${OLD}\nv${NEW}`,
      );
    killGroup(up.child);
    expect((await up.ended).code).not.toBe(0);
    const [first, ...others] = spec.hosts;
    const begun = "[ ! -e /var/lib/dualstack/kubernetes/upgrading ] || echo yes";
    await until("the control plane", async () => (await ask(plane(), begun)) === "");
    // its API answers at once, though a kubelet of another minor release starts it anew
    expect((await nodes())[0]).toBe(`${first!.name} v${NEW}`);
    expect((await nodes()).slice(1)).toEqual(others.map((host) => `${host.name} v${OLD}`));
  },
  LONG,
);

test("a node that cannot be emptied says why, keeps its kubelet and takes pods again", async () => {
  const [worker] = workers();
  const document = (await stepOf(worker!, spec)).replace(/^set drain \d+$/m, "set drain 3");
  const line = `(${commandLine("apply", 300)}) 2>&1 || true`;
  const said = await ask(worker!, line, document);
  expect(said).toMatch(/error: this node was not empty after 3 s.*Left: default\/web-\S+.*disruption budget/);
  expect(await nodes()).toContain(`${worker!.name} v${OLD}`);
  await kube("apply -f -", budget(1));
});

test("a pod that nothing makes anew stops it, too", async () => {
  const [worker] = workers();
  const overrides = JSON.stringify({ spec: { nodeName: worker!.name } });
  await kube(`run alone --image=${spec.verification.image} --overrides='${overrides}' -- pause`);
  const line = `(${commandLine("apply", 300)}) 2>&1 || true`;
  const said = await ask(worker!, line, await stepOf(worker!, spec));
  expect(said).toMatch(/error: no controller makes these pods anew elsewhere.*: default\/alone\./);
  expect(await nodes()).toContain(`${worker!.name} v${OLD}`);
  await kube("delete pod alone --now");
});

test("a worker that fails in the midst of it, cordoned, is gone on with", async () => {
  const [worker] = workers();
  const state = "/var/lib/dualstack/kubernetes";
  // as a host does that loses its power: the step and what it started end at once
  const line = `cat >/run/step; setsid bash -s apply </run/step >/dev/null 2>&1 & until [ -e ${state}/cordoned ]; do sleep 0.05; done; sleep 1; kill -9 -- -$!`;
  await ask(worker!, line, await stepOf(worker!, spec));
  expect(await ask(worker!, `ls ${state}/upgrading ${state}/cordoned; kubelet --version`)).toContain(`v${OLD}`);
  expect(await nodes()).toContain(`${worker!.name} v${OLD} true`);
});

test(
  "the next run goes on: each node in turn, what the cluster was made with stays, and the Service answered throughout",
  async () => {
    const env = await labEnvironment(file);
    await run(["pulumi", "cancel", "--yes", "--stack", "upgrade"], env);
    const { code, output } = await run(UP, env);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    expect(await nodes()).toEqual(spec.hosts.map((host) => `${host.name} v${NEW}`));
    const asked = await outside(
      "touch /run/enough; sleep 2; for f in /run/asked-*; do grep -c ok $f; done; grep failed /run/asked-* || true",
    );
    const [ipv4, ipv6, ...failed] = asked.split("\n");
    process.stdout.write(`requests over IPv4: ${ipv4}, over IPv6: ${ipv6}, failed: ${failed.length}\n`);
    expect(failed).toEqual([]);
    expect(Math.min(Number(ipv4), Number(ipv6))).toBeGreaterThan(300);
    expect(await settings()).toEqual(before);
    expect(await kube("-n kube-system get configmap kubeadm-config -o yaml")).toContain(`kubernetesVersion: v${NEW}`);
    const images = await kube("-n kube-system get pods -o 'jsonpath={.items[*].spec.containers[*].image}'");
    for (const each of ["apiserver", "controller-manager", "scheduler", "proxy"])
      expect([...new Set(images.match(new RegExp(`kube-${each}:\\S+`, "g")))]).toEqual([`kube-${each}:v${NEW}`]);
  },
  LONG,
);

test("one worker was upgraded after the other: no two were without pods at once", async () => {
  // the time at which kubelet of each started
  const times = await Promise.all(
    workers().map((host) => ask(host, "systemctl show kubelet -p ActiveEnterTimestamp --value --timestamp=unix")),
  );
  const [first, second] = times.map((time) => Number(time.slice(1)));
  expect(second! - first!).toBeGreaterThan(3);
});

test("the proof holds, hosts are as planned, and the second run changes nothing", async () => {
  const pids = () =>
    Promise.all(
      spec.hosts.map((host) => ask(host, "pgrep -x kubelet; pgrep -x containerd; pgrep -x kube-apiserver || true")),
    );
  const earlier = await pids();
  const { code, output } = await run(UP, await labEnvironment(file));
  expect([code, output]).toEqual([0, expect.stringMatching(/Resources:\s+\d+ unchanged\s+Duration/)]);
  expect(await pids()).toEqual(earlier);
  const proof = await dualstack("verify", file);
  expect(proof.output).toMatch(/(\d+) of \1 checks passed \(ipv4 and ipv6\)/);
  expect(proof.output).toContain(`node worker-2 is Ready and runs v${NEW}`);
  const drift = await dualstack("verify", file, "--hosts");
  expect([drift.code, drift.output]).toEqual([0, expect.any(String)]);
});

test("the way back is refused: by preview before any host is asked, and by the host itself without the state", async () => {
  name(OLD);
  const { code, output } = await run(["pulumi", "preview", "--stack", "upgrade"], await labEnvironment(file));
  expect(code).not.toBe(0);
  expect(output).toContain(`kubernetes.version: ${NEW} -> ${OLD}: Kubernetes does not go back to an older release`);
  const { planCluster } = require("../../plan/plan") as typeof import("../../plan/plan");
  const { print } = require("../../hosts/document") as typeof import("../../hosts/document");
  const step = print(planCluster(spec).hosts[0]!.system);
  const said = await ask(plane(), `(${commandLine("apply", 60)}) 2>&1 || true`, step);
  expect(said).toContain(`error: this control plane runs v${NEW}, and Kubernetes does not go back`);
});
