/** However many hosts a spec has, a run opens few connections to each: counted at their sshds, through a real engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ControlPlane } from "../../components/control-plane";
import { AdditionalControlPlane, Worker } from "../../components/joining";
import { planCluster } from "../../plan/plan";
import { parseSpec } from "../../spec";
import { describeWithEngine, type Engine, startEngine } from "./fixture/engine";
import { newKey, type Sshd, startSshd } from "./fixture/sshd";

const HOSTS = 16;
const MOST = 4;
const PLANES = 5;

const CA = readFileSync(join(__dirname, "../components/ca.pem")).toString("base64");
const KUBECONFIG = JSON.stringify({ clusters: [{ name: "a", cluster: { "certificate-authority-data": CA } }] });

/** All that joining asks of the API, whose client jest cannot load. */
const admitted: string[] = [];
jest.mock("../../live/kubernetes", () => ({
  Kubernetes: class {
    admit = async (_token: string, _minutes: number, description: string) => admitted.push(description);
  },
}));

describeWithEngine(`a spec with ${HOSTS} hosts`, () => {
  const user = newKey();
  let hosts: Sshd[];
  let jump: Sshd;
  let engine: Engine;
  beforeAll(async () => {
    // the step that makes the cluster prints its kubeconfig; no host asks to be admitted or waits for a proof
    const answer = (stdin: string) => (/^set role init$/m.test(stdin) ? KUBECONFIG : "");
    hosts = await Promise.all(Array.from({ length: HOSTS }, () => startSshd({ user, answer })));
    jump = await startSshd({ user });
    engine = await startEngine("command");
  });
  afterAll(async () => {
    await Promise.all([...hosts, jump].map((each) => each.close()));
    engine.remove();
  });

  const program = (ssh: string, dns: string) => async () => {
    const host = ({ connection: { port, hostKey } }: Sshd, index: number) =>
      `  - {name: h-${index}, role: ${index === 0 ? "control-plane" : "worker"}, ssh: {address: 127.0.0.1, port: ${port}, hostKey: "${hostKey.trim()}"}, ` +
      `interfaces: [{name: eth0, ipv4: {address: 10.0.0.${index + 10}/24, gateway: 10.0.0.1}, ipv6: {address: "fd00:10::${index + 10}/64", gateway: "fe80::1"}}]}\n`;
    const file = `name: many\nnetwork: {dns: [${dns}]}\nssh: {user: root${ssh}}\nhosts:\n${hosts.map(host).join("")}`;
    const { spec } = parseSpec(file, { file: "many.yaml" });
    const plan = planCluster(spec);
    const login = { privateKey: user.private };
    const [first, ...joining] = plan.hosts;
    const controlPlane = new ControlPlane(first!.host.name, { plan: first!, login });
    for (const each of joining) new Worker(each.host.name, { plan: each, login, controlPlane, spec });
  };
  const counts = () => hosts.map((host) => host.connections());

  it(`makes each with at most ${MOST} connections, and looks at none when nothing changed`, async () => {
    const run = await engine.up(program("", "10.0.0.1"));
    expect([run.failed, run.text]).toEqual([false, expect.stringContaining("h-15-kubernetes")]);
    expect(hosts.map(({ ran }) => ran.length)).toEqual(counts());
    expect(Math.max(...counts())).toBeLessThanOrEqual(MOST);
    expect(Math.min(...counts())).toBe(3);
    const before = counts();
    expect((await engine.up(program("", "10.0.0.1"))).failed).toBe(false);
    expect(counts()).toEqual(before);
  });

  it("changes each with no more, through a jump host too, which opens one for each of theirs", async () => {
    const before = counts();
    const { port, hostKey } = jump.connection;
    const through = `, jump: {address: 127.0.0.1, port: ${port}, hostKey: "${hostKey.trim()}"}`;
    expect((await engine.up(program(through, "10.0.0.2"))).failed).toBe(false);
    const more = counts().map((count, index) => count - before[index]!);
    expect(Math.max(...more)).toBeLessThanOrEqual(MOST);
    expect(jump.connections()).toBe(more.reduce((sum, count) => sum + count, 0));
    expect(jump.ran).toEqual([]);
  });
});

describeWithEngine(`a spec with ${PLANES} control planes`, () => {
  const user = newKey();
  let hosts: Sshd[];
  let engine: Engine;
  beforeAll(async () => {
    const answer = (stdin: string) => {
      if (/^set role init$/m.test(stdin)) return KUBECONFIG;
      return /^set joins control-plane$/m.test(stdin) ? `abcdef.0123456789abcdef ${"0".repeat(64)}` : "";
    };
    hosts = await Promise.all(Array.from({ length: PLANES }, () => startSshd({ user, answer })));
    engine = await startEngine("command");
  });
  afterAll(async () => {
    await Promise.all(hosts.map((each) => each.close()));
    engine.remove();
  });

  it(`asks the first one for the cluster's keys by one connection, so it too has at most ${MOST}`, async () => {
    const hostOf = ({ connection: { port, hostKey } }: Sshd, index: number) =>
      `  - {name: c-${index}, role: control-plane, ssh: {address: 127.0.0.1, port: ${port}, hostKey: "${hostKey.trim()}"}, ` +
      `interfaces: [{name: eth0, ipv4: {address: 10.0.0.${index + 10}/24, gateway: 10.0.0.1}, ipv6: {address: "fd00:10::${index + 10}/64", gateway: "fe80::1"}}]}\n`;
    const file = `name: planes\nnetwork: {endpoint: {ipv4: 10.0.0.9, ipv6: "fd00:10::9"}}\nssh: {user: root}\nhosts:\n${hosts.map(hostOf).join("")}`;
    const { spec } = parseSpec(file, { file: "planes.yaml" });
    const run = await engine.up(async () => {
      const login = { privateKey: user.private };
      const [first, ...joining] = planCluster(spec).hosts;
      const controlPlane = new ControlPlane(first!.host.name, { plan: first!, login });
      let after: AdditionalControlPlane | undefined;
      for (const plan of joining)
        after = new AdditionalControlPlane(plan.host.name, { plan, login, controlPlane, spec, after });
    });
    expect([run.failed, run.text]).toEqual([false, expect.stringContaining(`c-${PLANES - 1}-kubernetes`)]);
    const uploads = hosts[0]!.ran.filter(({ command }) => command.includes("upload-certs"));
    expect([uploads.length, admitted]).toEqual([PLANES - 1, [1, 2, 3, 4].map((n) => `dualstack: join of c-${n}`)]);
    expect(hosts.map((host) => host.connections())).toEqual([MOST, ...Array(PLANES - 1).fill(3)]);
  });
});
