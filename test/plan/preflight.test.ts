/** Preflight: what hosts answered, and what is made of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Answers } from "../../hosts/look";
import {
  endpointName,
  type Finding,
  factsOf,
  judge,
  type Preflight,
  passed,
  peersOf,
  preflightCode,
  preflightQuestions,
  renderPreflight,
  toJson,
} from "../../plan/preflight";
import { OPENINGS, portsBetween } from "../../plan/preflight/ports";
import { type ClusterSpec, parseSpec } from "../../spec";
import { fits } from "./diff-schema";

const file = join(__dirname, "specs/dual.yaml");
const text = readFileSync(file, "utf8");
const spec = parseSpec(text, { file }).spec;
const [PLANE, WORKER] = ["cp-1", "worker-1"];

type Host = Map<string, string[]>;
type Hosts = Record<string, Host>;

/** Both hosts as they should be before a first run. */
function sound(of: ClusterSpec): Hosts {
  return Object.fromEntries(
    of.hosts.map((host, index) => {
      const n = 11 + index;
      const answers: Host = new Map([
        [
          "system",
          [
            ...[
              "os debian 12",
              "kernel 6.1.0-28-amd64",
              `hostname ${host.name}`,
              `machine-id ${n}aaaa`,
              `product-uuid ${n}bbbb`,
            ],
            ...["init systemd", "cgroup v2", "cpus 2", "memory 4000000", "swap 0", "disk 40000000 50000000"],
            ...[
              "packages /usr/bin/apt-get",
              "ping /usr/bin/ping",
              "ipv6 yes",
              "cloud-init done",
              "cluster none",
              "nameserver 10.0.0.1",
            ],
          ],
        ],
        ["links", ["lo 65536 00:00:00:00:00:00", `eth0 1500 02:00:00:00:00:${n}`]],
        [
          "addresses",
          [
            `2: eth0    inet 10.0.0.${n}/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever preferred_lft forever`,
            `2: eth0    inet6 fd00:10::${n}/64 scope global \\       valid_lft forever preferred_lft forever`,
          ],
        ],
        ["routes 4", ["default via 10.0.0.1 dev eth0"]],
        ["routes 6", ["default via fe80::1 dev eth0 metric 1024"]],
        ["ports", ['0.0.0.0:22 users:(("sshd",pid=1,fd=3))', '[::]:22 users:(("sshd",pid=1,fd=4))', "127.0.0.1:6010"]],
        ["hostkeys", [`ssh-ed25519 AAAA${n}`]],
        ["runtimes", []],
        ["managers", ["active systemd-networkd", "networkd eth0 configured"]],
        ["firewall", []],
        ["sysctl net.ipv4.ip_forward", ["0", ""]],
        ["sysctl net.ipv6.conf.all.forwarding", ["0", ""]],
      ]);
      for (const { question, peer } of peersOf(of, host)) {
        const refused = portsBetween(of, host, peer).map((port) => `${port} refused`);
        answers.set(question, ["full 1500", ...refused]);
      }
      if (endpointName(of) !== undefined) answers.set(`names ${endpointName(of)}`, ["10.0.0.11"]);
      return [host.name, answers];
    }),
  );
}

const AROUND = { from: 50_000, to: 50_003 };

function findings(change: (hosts: Hosts) => void, of = spec, clocks: Record<string, number> = {}): Finding[] {
  const hosts = sound(of);
  change(hosts);
  const facts = of.hosts.map((host) => {
    const peers = peersOf(of, host);
    const blocks = [...hosts[host.name]!].map(([question, lines]) =>
      [question, ...lines.map((line) => `  ${line}`)].join("\n"),
    );
    const clock = clocks[host.name] ?? 0;
    const answers = Answers.parse([`start ${50_000.4 + clock}`, ...blocks, `end ${50_002.9 + clock}`, ""].join("\n"));
    for (const question of preflightQuestions(of, peers)) answers.of(question); // every question has its answer
    return factsOf(host, answers, AROUND, peers, endpointName(of));
  });
  return judge(of, facts);
}

const set = (host: string, question: string, from: RegExp, to: string) => (hosts: Hosts) => {
  const lines = hosts[host]!.get(question)!;
  const changed = lines.map((line) => line.replace(from, to));
  expect(changed).not.toEqual(lines);
  hosts[host]!.set(question, changed);
};
const put =
  (host: string, question: string, ...lines: string[]) =>
  (hosts: Hosts) =>
    void hosts[host]!.set(question, lines);
const both = (change: (host: string) => (hosts: Hosts) => void) => (hosts: Hosts) => {
  for (const host of [PLANE!, WORKER!]) change(host)(hosts);
};
const variant = (from: string, to: string) => parseSpec(text.replace(from, to), { file }).spec;

test("nothing is found on sound hosts, and every check has passed", () => {
  expect(findings(() => {})).toEqual([]);
  const codes = passed([]).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.length).toBeGreaterThan(30);
});

const SYSTEM = "system";
const OVER_4 = "peer 4 10.0.0.11 6443,10250";
const OVER_6 = "peer 6 fd00:10::11 6443,10250";
const none = variant("network:\n", "network:\n  backend: none\n");
const container = variant("name: dual\n", "name: dual\nplatform: container\n");
/** worker-1 has a bond of two more cards. */
const bonded = (backend: string) =>
  parseSpec(
    `${text}      - name: bond0\n        bond: {members: [eth1, eth2]}\n        ipv4: {address: 10.1.0.12/24}\n    backend: ${backend}\n`,
    {
      file,
    },
  ).spec;
const cards =
  (...managers: string[]) =>
  (hosts: Hosts) => {
    hosts[WORKER!]!.get("links")!.push("eth1 1500 02:00:00:00:01:12", "eth2 1500 02:00:00:00:02:12");
    hosts[WORKER!]!.set("managers", managers);
  };
const named = variant("network:\n", "network:\n  endpoint: api.example:6443\n");

test.each<
  [code: string, severity: string, found: string, hosts: string[], change: (hosts: Hosts) => void, of?: ClusterSpec]
>([
  ["init", "error", "another init", ["worker-1"], set("worker-1", SYSTEM, /^init .*/, "init other")],
  ["kernel", "error", "kernel 5.10.0-1", ["cp-1"], set("cp-1", SYSTEM, /^kernel .*/, "kernel 5.10.0-1")],
  ["ipv6-off", "error", "IPv6 is switched off in the kernel", ["cp-1"], set("cp-1", SYSTEM, /^ipv6 .*/, "ipv6 ")],
  ["cgroup-v1", "error", "v1", ["cp-1", "worker-1"], both((host) => set(host, SYSTEM, /^cgroup .*/, "cgroup v1"))],
  ["swap", "error", "2.0 GiB of swap", ["worker-1"], set("worker-1", SYSTEM, /^swap 0/, "swap 2097148")],
  ["cpus", "error", "1 processor", ["cp-1"], both((host) => set(host, SYSTEM, /^cpus 2/, "cpus 1"))],
  ["memory", "error", "1.0 GiB", ["cp-1"], both((host) => set(host, SYSTEM, /^memory .*/, "memory 1000000"))],
  ["disk-full", "error", "1.0 GiB free", ["worker-1"], set("worker-1", SYSTEM, /^disk .*/, "disk 1048576 1100000")],
  [
    "disk-low",
    "warning",
    "4.8 GiB of 47.7 GiB free",
    ["worker-1"],
    set("worker-1", SYSTEM, /^disk .*/, "disk 5000000 50000000"),
  ],
  ["packages", "error", "neither apt-get nor dnf", ["worker-1"], set("worker-1", SYSTEM, /^packages .*/, "packages ")],
  [
    "cloud-init",
    "error",
    "cloud-init still runs",
    ["worker-1"],
    set("worker-1", SYSTEM, /^cloud-init .*/, "cloud-init running"),
  ],
  [
    "foreign-cluster",
    "error",
    "files of a cluster that dualstack did not make",
    ["cp-1"],
    set("cp-1", SYSTEM, /^cluster .*/, "cluster foreign"),
  ],
  [
    "ports",
    "error",
    "6443 (kube-apiserver): taken by nginx",
    ["cp-1"],
    both((host) => put(host, "ports", '*:6443 users:(("nginx",pid=9,fd=4))')),
  ],
  ["runtime", "warning", "dockerd", ["worker-1"], put("worker-1", "runtimes", "dockerd foreign", "containerd ours")],
  [
    "interface-missing",
    "error",
    "eth0",
    ["worker-1"],
    put("worker-1", "links", "lo 65536 00:00:00:00:00:00", "ens3 1500 02:00:00:00:00:12"),
  ],
  [
    "address-missing",
    "error",
    "10.0.0.12/24 on eth0",
    ["worker-1"],
    set("worker-1", "addresses", /10\.0\.0\.12/, "10.0.0.99"),
    none,
  ],
  [
    "address-dynamic",
    "warning",
    "fd00:10::12/64 is dynamic",
    ["worker-1"],
    set("worker-1", "addresses", /(inet6 \S+ scope global)/, "$1 dynamic mngtmpaddr"),
    none,
  ],
  [
    "address-duplicate",
    "error",
    "fd00:10::12/64",
    ["worker-1"],
    set("worker-1", "addresses", /(inet6 \S+ scope global)/, "$1 dadfailed tentative"),
  ],
  [
    "network-manager",
    "warning",
    "eth0 is configured by NetworkManager, the spec says systemd-networkd",
    ["worker-1"],
    put("worker-1", "managers", "active systemd-networkd", "active NetworkManager", "NetworkManager eth0 connected"),
  ],
  [
    "network-manager",
    "warning",
    "eth0 is configured by ifcfg, the spec says systemd-networkd",
    ["worker-1"],
    put("worker-1", "managers", "active NetworkManager", "NetworkManager eth0 connected", "ifcfg eth0"),
  ],
  [
    "network-manager",
    "warning",
    "eth0 is configured by netplan, the spec says systemd-networkd",
    ["worker-1"],
    put(
      "worker-1",
      "managers",
      "active systemd-networkd",
      "netplan /etc/netplan/50-cloud-init.yaml",
      "networkd eth0 configured",
    ),
  ],
  [
    "network-manager",
    "warning",
    "eth0 is configured by ifupdown, the spec says systemd-networkd",
    ["worker-1"],
    put(
      "worker-1",
      "managers",
      "active systemd-networkd",
      "active networking",
      "networkd eth0 unmanaged",
      "ifupdown eth0 static",
    ),
  ],
  [
    "ifenslave",
    "error",
    "bond0 by NetworkManager beside ifenslave",
    ["worker-1"],
    cards("active NetworkManager", "NetworkManager eth0 connected", "ifenslave dispatched"),
    bonded("NetworkManager"),
  ],
  [
    "ifenslave",
    "error",
    "bond0 by ifupdown without ifenslave",
    ["worker-1"],
    cards("active networking", "ifupdown eth0 static"),
    bonded("ifupdown"),
  ],
  [
    "name-server",
    "warning",
    "none in /etc/resolv.conf",
    ["worker-1"],
    set("worker-1", SYSTEM, /^nameserver .*/, "os-none"),
  ],
  ["endpoint-name", "error", "no address for api.example", ["worker-1"], put("worker-1", "names api.example"), named],
  ["ping", "warning", "no ping", ["worker-1"], set("worker-1", SYSTEM, /^ping .*/, "ping ")],
  [
    "forwarding",
    "error",
    "ipv6 is off",
    ["worker-1"],
    (hosts) => {
      set("worker-1", SYSTEM, /^cluster .*/, "cluster ours")(hosts);
      put("worker-1", "sysctl net.ipv4.ip_forward", "1", "")(hosts);
    },
  ],
  ["mtu", "error", "eth0: 1200 bytes", ["worker-1"], set("worker-1", "links", /^eth0 1500/, "eth0 1200")],
  ["firewall", "warning", "firewalld", ["worker-1"], put("worker-1", "firewall", "firewalld public")],
  [
    "firewall",
    "warning",
    "nftables drops by default: inet filter input",
    ["worker-1"],
    put("worker-1", "firewall", "nft inet filter input"),
  ],
  [
    "machine-id-twice",
    "error",
    "same",
    ["cp-1", "worker-1"],
    both((host) => set(host, SYSTEM, /^machine-id .*/, "machine-id same")),
  ],
  [
    "product-uuid-twice",
    "error",
    "same",
    ["cp-1", "worker-1"],
    both((host) => set(host, SYSTEM, /^product-uuid .*/, "product-uuid same")),
  ],
  [
    "hostname-twice",
    "warning",
    "debian",
    ["cp-1", "worker-1"],
    both((host) => set(host, SYSTEM, /^hostname .*/, "hostname debian")),
  ],
  [
    "mac-twice",
    "error",
    "02:00:00:00:00:99",
    ["cp-1", "worker-1"],
    both((host) => set(host, "links", /^eth0 .*/, "eth0 1500 02:00:00:00:00:99")),
  ],
  [
    "host-key-twice",
    "error",
    "ssh-ed25519",
    ["cp-1", "worker-1"],
    both((host) => put(host, "hostkeys", "ssh-ed25519 AAAAsame", `ssh-rsa AAAA${host}`)),
  ],
  [
    "peer-unreachable",
    "error",
    "cp-1 over ipv6: no answer, neither to ping nor on a port",
    ["worker-1"],
    put("worker-1", OVER_6, "none 1500", "6443 filtered", "10250 filtered"),
  ],
  [
    "peer-unreachable",
    "error",
    "cp-1 over ipv6: no route",
    ["worker-1"],
    put("worker-1", OVER_6, "noroute 0", "6443 filtered", "10250 filtered"),
  ],
  [
    "peer-mtu",
    "error",
    "cp-1 over ipv6: packets of 9000 bytes are lost, small ones pass",
    ["worker-1"],
    put("worker-1", OVER_6, "small 9000", "6443 refused", "10250 refused"),
  ],
  [
    "icmp-filtered",
    "error",
    "cp-1 over ipv6: ping is filtered, TCP passes",
    ["worker-1"],
    put("worker-1", OVER_6, "none 1500", "6443 refused", "10250 open"),
  ],
  [
    "peer-port",
    "error",
    "cp-1 over ipv4: port 6443 filtered",
    ["worker-1"],
    put("worker-1", OVER_4, "full 1500", "6443 filtered", "10250 refused"),
  ],
  [
    "peer-later",
    "note",
    "no address of ipv6 yet",
    ["worker-1"],
    (hosts) => {
      set("worker-1", "addresses", /inet6 fd00:10::12/, "inet6 fd00:99::12")(hosts);
      put("worker-1", OVER_6, "none 1500", "6443 filtered", "10250 filtered")(hosts);
    },
  ],
])("%s is a finding: %s: %s", (code, severity, found, hosts, change, of = spec) => {
  expect(findings(change, of)).toEqual([
    expect.objectContaining({
      code,
      severity,
      found,
      hosts,
      why: expect.stringMatching(/../),
      remedy: expect.stringMatching(/../),
    }),
  ]);
});

test.each<[string, (hosts: Hosts) => void, ClusterSpec]>([
  [
    "swap, old control groups and one product UUID are a container's own",
    both((host) => (hosts) => {
      set(host, SYSTEM, /^swap 0/, "swap 2097148")(hosts);
      set(host, SYSTEM, /^cgroup .*/, "cgroup v1")(hosts);
      set(host, SYSTEM, /^product-uuid .*/, "product-uuid same")(hosts);
    }),
    container,
  ],
  [
    "the ports of our own cluster are not taken",
    both((host) => (hosts) => {
      set(host, SYSTEM, /^cluster .*/, "cluster ours")(hosts);
      put(host, "ports", '*:10250 users:(("kubelet",pid=9,fd=4))')(hosts);
      for (const key of ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"])
        put(host, `sysctl ${key}`, "1", "")(hosts);
    }),
    spec,
  ],
  [
    "an unknown product UUID is no duplicate",
    both((host) => set(host, SYSTEM, /^product-uuid .*/, "product-uuid ")),
    spec,
  ],
])("%s", (_, change, of) => {
  expect(findings(change, of)).toEqual([]);
});

test("of a bond its members must be there, of a VLAN what carries it; secondary addresses count as the first", () => {
  const first = text.slice(text.indexOf("      - name: eth0"), text.indexOf("  - name: worker-1"));
  const made = variant(
    first,
    `      - {name: bond0, bond: {members: [eth0, eth1], mode: active-backup}}\n${first.replace("eth0", "bond0.7")}        vlan: {id: 7, parent: bond0}\n`,
  );
  expect(findings(() => {}, made)).toEqual([
    expect.objectContaining({ code: "interface-missing", hosts: ["cp-1"], found: "eth1" }),
  ]);
  const second = parseSpec(
    text
      .replace("network:\n", "network:\n  backend: none\n")
      .replace("10.0.0.11/24, gateway", "10.0.0.11/24, secondary: [10.0.0.77/24], gateway"),
    { file },
  ).spec;
  expect(findings(() => {}, second)).toEqual([
    expect.objectContaining({ code: "address-missing", hosts: ["cp-1"], found: "10.0.0.77/24 on eth0" }),
  ]);
});

test("clocks that are surely apart are found, and what the connection itself takes is not held against them", () => {
  const skew = (seconds: number) => findings(() => {}, spec, { "worker-1": seconds });
  expect(skew(2)).toEqual([]);
  expect(skew(-2)).toEqual([]);
  expect(skew(5)).toEqual([
    expect.objectContaining({
      code: "clock-skew",
      hosts: ["cp-1", "worker-1"],
      found: "worker-1 is at least 4.5 s ahead of cp-1",
    }),
  ]);
  expect(skew(-3600)[0]).toMatchObject({
    found: expect.stringMatching(/^cp-1 is at least 3599\.5 s ahead of worker-1$/),
  });
});

test("a firewall comes with the commands that open it for both families", () => {
  const remedy = (line: string) => findings(put("cp-1", "firewall", line))[0]!.remedy;
  expect(remedy("firewalld public").split("\n").slice(1)).toEqual([
    "firewall-cmd --permanent --add-port=6443/tcp",
    "firewall-cmd --permanent --add-port=10250/tcp",
    "firewall-cmd --permanent --add-port=8472/udp",
    "firewall-cmd --permanent --add-port=30000-32767/tcp",
    "firewall-cmd --permanent --add-port=30000-32767/udp",
    "firewall-cmd --permanent --zone=trusted --add-source=10.244.0.0/16",
    "firewall-cmd --permanent --zone=trusted --add-source=fd00:10:244::/56",
    "firewall-cmd --reload",
  ]);
  expect(remedy("ufw")).toContain(
    "ufw allow 30000:32767/tcp\nufw allow 30000:32767/udp\nufw allow from 10.244.0.0/16\nufw allow from fd00:10:244::/56",
  );
  expect(remedy("nft inet filter input")).toContain(
    "nft insert rule inet filter input ip6 saddr fd00:10:244::/56 accept\nnft insert rule inet filter input meta l4proto { icmp, ipv6-icmp } accept",
  );
  const both = findings(put("cp-1", "firewall", "nft ip filter INPUT", "nft ip6 filter INPUT"))[0]!.remedy;
  expect(both.match(/ saddr .*/g)).toEqual([" saddr 10.244.0.0/16 accept", " saddr fd00:10:244::/56 accept"]);
  expect(both.match(/rule ip6? filter INPUT tcp dport 6443 accept/g)).toHaveLength(2);
  expect(Object.keys(OPENINGS)).toEqual(["firewalld", "ufw", "nft"]);
});

/** A further host for the spec. */
const another = (n: number, role = "worker") =>
  `  - {name: w-${n}, role: ${role}, ssh: {hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS"}, interfaces: [{name: eth0, ipv4: {address: 10.0.0.${n}/24, gateway: 10.0.0.1}, ipv6: {address: "fd00:10::${n}/64", gateway: "fe80::1"}}]}\n`;

test("etcd's ports are open between several control planes, and nobody else tries them", () => {
  const three = parseSpec(text + another(20, "control-plane") + another(21, "control-plane"), { file }).spec;
  const [one, worker, two] = three.hosts;
  if (!one || !worker || !two) throw new Error("three hosts were meant");
  expect(portsBetween(three, two, one)).toEqual([6443, 2379, 2380, 10250]);
  expect(portsBetween(three, worker, one)).toEqual([6443, 10250]);
  expect(portsBetween(three, one, worker)).toEqual([10250]);
  expect(OPENINGS.ufw(three, one)).toContain("ufw allow 2380/tcp");
  expect(OPENINGS.ufw(three, worker)).not.toContain("ufw allow 2380/tcp");
  expect(OPENINGS.ufw(spec, spec.hosts[0]!)).not.toContain("ufw allow 2380/tcp");
});

test("control planes that hold addresses together let VRRP and one another's etcd in; workers need neither", () => {
  const several = join(__dirname, "specs/six-virtual.yaml");
  const planes = parseSpec(readFileSync(several, "utf8"), { file: several }).spec;
  const of = (firewall: keyof typeof OPENINGS, name: string) =>
    OPENINGS[firewall](planes, planes.hosts.find((host) => host.name === name)!);
  expect(of("firewalld", "cp-2")).toEqual(
    expect.arrayContaining([
      "firewall-cmd --permanent --add-protocol=vrrp",
      "firewall-cmd --permanent --add-port=2380/tcp",
    ]),
  );
  expect(of("ufw", "cp-2")).toEqual(
    expect.arrayContaining(["ufw allow proto vrrp from any to any", "ufw allow 2380/tcp"]),
  );
  expect(of("nft", "cp-2")).toContain("nft insert rule TABLE CHAIN meta l4proto vrrp accept");
  for (const firewall of ["firewalld", "ufw", "nft"] as const)
    expect(of(firewall, "worker-1").join()).not.toMatch(/vrrp|2380/);
});

test("each host tries every other on every family; of many, the next ones and the control planes", () => {
  const questions = (of: ClusterSpec, n: number) => peersOf(of, of.hosts[n]!).map(({ question }) => question);
  expect(questions(spec, 1)).toEqual([OVER_4, OVER_6]);
  const many = parseSpec(text + Array.from({ length: 40 }, (_, i) => another(20 + i)).join(""), { file }).spec;
  const asked = questions(many, 20);
  expect(asked).toHaveLength(2 * 9);
  expect(asked.filter((question) => question.includes(" 10.0.0.11 "))).toHaveLength(1);
  expect(many.hosts.reduce((sum, each) => sum + peersOf(many, each).length, 0)).toBeLessThan(
    many.hosts.length * 18 + 1,
  );
});

const found: Preflight = (() => {
  const all = findings((hosts) => {
    set("worker-1", SYSTEM, /^swap 0/, "swap 2097148")(hosts);
    put("cp-1", "firewall", "firewalld public")(hosts);
  });
  return { findings: all, passed: passed(all), unreachable: [] };
})();

test("what is found is told with why and what to do, worst first; errors decide the exit code", () => {
  const said = renderPreflight(found);
  expect(said).toMatch(
    /^ERROR swap \(worker-1\): 2\.0 GiB of swap\n {2}why {3}kubelet does not start.*\n {2}do {4}swapoff -a.*\nwarning firewall \(cp-1\)/,
  );
  expect(said).toMatch(
    /\n {6}firewall-cmd --reload\n\d+ checks passed, 1 error, 1 warning; mend the errors before pulumi up\n$/,
  );
  const warned = { ...found, findings: found.findings.filter(({ severity }) => severity !== "error") };
  const unreached = { ...warned, unreachable: [{ host: "cp-1", problem: "no" }] };
  expect([found, warned, unreached].map(preflightCode)).toEqual([1, 0, 3]);
  expect(renderPreflight(unreached)).toContain("ERROR cp-1: no\n");
});

test("the JSON fits the published schema", () => {
  const schema = JSON.parse(readFileSync(join(__dirname, "../../docs/preflight.schema.json"), "utf8"));
  const value = JSON.parse(toJson({ ...found, unreachable: [{ host: "x", problem: "no" }] }));
  expect(fits(schema, value)).toEqual([]);
  expect(value.exitCode).toBe(3);
});
