/**
 * firewalld on one host and ufw on the other, then rules of nftables alone: preflight finds them, and the commands that it shows open
 * what a node needs in both families, and nothing else. Real connections between the hosts, and between namespaces that stand for pods.
 */
import { inOrder } from "../../spec";
import { dualstack, LONG, until } from "./harness";
import { networkLab } from "./safe";

const { change, down, file, hostOf, on, spec, stepOf, up } = networkLab("safe");

const HOSTS = ["worker-1", "cp-1"] as const;
const other = (name: string) => HOSTS.find((each) => each !== name)!;
/** Ports of a node, from outside too; the last one is nobody's business. */
const OPEN = { "worker-1": [10250, 30080], "cp-1": [6443, 10250, 30080] } as const;
const CLOSED = 9999;
const POD_PORT = 8080;
const VXLAN = 8472;

/** Addresses of a pod of a host, and of its host on the way there, per family of the cluster. */
const pods = (name: string) => {
  const n = 1 + HOSTS.indexOf(name as "cp-1");
  return {
    gateway: [`10.244.${n}.1/24`, `fd5d:a57a:c400:20${n}::1/64`],
    pod: [`10.244.${n}.2`, `fd5d:a57a:c400:20${n}::2`],
  };
};
const nodes = (name: string) => inOrder(spec().network.families, hostOf(name).addresses).map(String);

/** A namespace with addresses of pods behind a host, and programs that answer in it and on the host. */
async function settle(name: string): Promise<void> {
  const { gateway, pod } = pods(name);
  const ranges = pods(other(name)).gateway;
  const answer = (port: number) => `socat TCP6-LISTEN:${port},fork,reuseaddr 'EXEC:/bin/echo hello'`;
  await on(
    name,
    [
      "ip netns add pod; ip link add to-pod type veth peer name eth0 netns pod",
      "ip link set to-pod up; ip -n pod link set eth0 up; ip -n pod link set lo up",
      ...gateway.map((address) => `ip address add ${address} dev to-pod ${address.includes(":") ? "nodad" : ""}`),
      ...pod.map((address, i) => `ip -n pod address add ${address}/${[24, 64][i]} dev eth0 ${["", "nodad"][i]}`),
      ...gateway.map((address) => `ip -n pod route add default via ${address.split("/")[0]}`),
      ...ranges.map(
        (address, i) =>
          `ip route add ${address.replace(/1\/\d+$/, i === 0 ? "0/24" : "/64")} via ${nodes(other(name))[i]}`,
      ),
      ...[...OPEN[name as "cp-1"], CLOSED].map((port) => `systemd-run -q --unit=answer-${port} ${answer(port)}`),
      `systemd-run -q --unit=answer-pod ip netns exec pod ${answer(POD_PORT)}`,
      `systemd-run -q --unit=hear socat -u UDP6-RECV:${VXLAN} OPEN:/run/heard,creat,append`,
    ].join(" && "),
  );
}

/** Everything that answers at `to`, or comes in there, as words of what is reached. All is tried at once, in one connection. */
async function reached(to: string): Promise<string[]> {
  const from = other(to);
  const ask = (who: "host" | "pod", address: string, port: number) =>
    `[ "$(${who === "pod" ? "ip netns exec pod " : ""}timeout 2 bash -c 'exec 3<>/dev/tcp/${address}/${port} && head -c 5 <&3' 2>/dev/null)" != hello ] || echo ${who} ${address} ${port}`;
  const tries = [
    ...nodes(to).flatMap((address) => [...OPEN[to as "cp-1"], CLOSED].map((port) => ask("host", address, port))),
    ...pods(to).pod.map((address) => ask("pod", address, POD_PORT)),
    ...nodes(to).map((address) => ask("pod", address, CLOSED)),
    ...nodes(to).map((address) => `echo udp ${address} >/dev/udp/${address}/${VXLAN}`),
  ];
  const answers = await on(from, `${tries.map((line) => `{ ${line}; } &`).join("\n")}\nwait`);
  const heard = await on(to, "sleep 0.3; cat /run/heard 2>/dev/null; : >/run/heard");
  return [answers, heard].flatMap((text) => text.split("\n")).filter(Boolean);
}

const everything = (to: string) => [
  ...nodes(to).flatMap((address) => OPEN[to as "cp-1"].map((port) => `host ${address} ${port}`)),
  ...pods(to).pod.map((address) => `pod ${address} ${POD_PORT}`),
  // what pods send comes in at every port of a node
  ...nodes(to).map((address) => `pod ${address} ${CLOSED}`),
  ...nodes(to).map((address) => `udp ${address}`),
];

interface Found {
  readonly code: string;
  readonly hosts: readonly string[];
  readonly found: string;
  readonly remedy: string;
}

async function preflight(): Promise<Found[]> {
  const { output } = await dualstack("preflight", file, "--json");
  return JSON.parse(output.slice(output.indexOf("{"))).findings;
}

const about = (findings: readonly Found[], code: string) =>
  findings.filter((one) => one.code === code).map(({ hosts, found }) => `${hosts}: ${found}`);

beforeAll(async () => {
  await up();
  await Promise.all(HOSTS.map((name) => change(name, stepOf(name))));
  await Promise.all(HOSTS.map(settle));
}, LONG);
afterAll(down);

test("without a firewall everything is reached", async () => {
  const everywhere = (to: string) => [...everything(to), ...nodes(to).map((address) => `host ${address} ${CLOSED}`)];
  for (const to of HOSTS) {
    // addresses of IPv6 on links that have just come up settle first
    await until("all answers", async () => (await reached(to)).length === everywhere(to).length).catch(() => {});
    expect((await reached(to)).sort()).toEqual(everywhere(to).sort());
  }
  expect(about(await preflight(), "firewall")).toEqual([]);
});

let findings: Found[];

test("preflight finds both firewalls, and what they close", async () => {
  await on("worker-1", "systemctl start firewalld");
  await on("cp-1", "ufw allow ssh >/dev/null && ufw --force enable");
  for (const to of HOSTS) expect(await reached(to)).toEqual([]);
  findings = await preflight();
  expect(about(findings, "firewall").sort()).toEqual(["cp-1: ufw", "worker-1: firewalld"]);
  expect(about(findings, "peer-port").sort()).toEqual([
    ...["ipv4", "ipv6"].map((family) => `cp-1: worker-1 over ${family}: port 10250 filtered`),
    ...["ipv4", "ipv6"].map((family) => `worker-1: cp-1 over ${family}: port 6443, 10250 filtered`),
  ]);
});

/** Runs the commands that preflight shows for a host, as they are shown. */
async function open(name: string, tool: RegExp): Promise<void> {
  const { remedy } = findings.find(({ code, hosts }) => code === "firewall" && hosts.includes(name))!;
  const [, ...commands] = remedy.split("\n");
  expect(commands[0]).toMatch(tool);
  await on(name, `set -e\n${commands.join("\n")}`);
}

test("the commands run as they are shown", async () => {
  await open("worker-1", /^firewall-cmd /);
  await open("cp-1", /^ufw /);
});

test.each(HOSTS)("what is needed is open on %s in both families, and nothing else", async (name) => {
  expect((await reached(name)).sort()).toEqual(everything(name).sort());
});

test("preflight finds every port open now", async () => {
  expect(about(await preflight(), "peer-port")).toEqual([]);
});

test("rules of nftables that drop by default are found and opened, ICMPv6 too", async () => {
  const rules = ["ct state established,related accept", "iif lo accept", "tcp dport 22 accept"];
  const chain = `add chain inet filter input { type filter hook input priority 0; policy drop; }`;
  await on("cp-1", "ufw disable");
  await on(
    "cp-1",
    `nft -f - <<'EOF'\nadd table inet filter\n${chain}\n${rules.map((rule) => `add rule inet filter input ${rule}\n`).join("")}EOF`,
  );
  // what goes through does not come in
  expect((await reached("cp-1")).sort()).toEqual(
    pods("cp-1")
      .pod.map((address) => `pod ${address} ${POD_PORT}`)
      .sort(),
  );
  findings = await preflight();
  expect(about(findings, "firewall")).toContain("cp-1: nftables drops by default: inet filter input");
  const silent = (family: string) => `worker-1: cp-1 over ${family}: no answer, neither to ping nor on a port`;
  expect(about(findings, "peer-unreachable").sort()).toEqual(["ipv4", "ipv6"].map(silent));
  await open("cp-1", /^nft insert rule inet filter input /);
  expect((await reached("cp-1")).sort()).toEqual(everything("cp-1").sort());
});
