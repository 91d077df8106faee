/**
 * Every network service of a Linux host takes its addresses of both families from dualstack, and gets its own back. The hosts go
 * through it side by side; a test is one step of one host.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { networkStep } from "../../hosts/network";
import { FAMILIES, type Host, parseSpec } from "../../spec";
import { dualstack, LONG, until } from "./harness";
import { networkLab } from "./safe";

const { ask, change, down, file, on, hostOf, restart, spec, state, up } = networkLab("births");

/** A host is called after the service with which it was born: by its own first, then by another one, for which the first must let go. */
const HOSTS: Readonly<Record<string, readonly Host["backend"][]>> = {
  networkd: ["systemd-networkd", "NetworkManager"],
  manager: ["NetworkManager", "netplan"],
  netplan: ["netplan", "ifupdown"],
  ifupdown: ["ifupdown", "systemd-networkd", "NetworkManager"],
  ifcfg: ["ifcfg", "NetworkManager"],
};

const ADDRESSES = "ip -o address show dev eth0 scope global | awk '{ print $4 }' | sort";
const ROUTES = "ip -4 route show default; ip -6 route show default";

/** Duplicate address detection may still be under way. */
async function settled(name: string, wanted: readonly string[]): Promise<void> {
  await until("the old state", async () => (await state(name)).join() === wanted.join()).catch(() => {});
  expect(await state(name)).toEqual(wanted);
}

/** What one host has besides: a packet size, routes and name servers; NetworkManager writes these where resolv.conf may link to. */
async function expectRest(name: string, backend: Host["backend"]): Promise<void> {
  const { interfaces } = hostOf(name);
  for (const { mtu, ip, dns, search } of interfaces) {
    if (mtu !== undefined) expect(await on(name, "cat /sys/class/net/eth0/mtu")).toBe(`${mtu}`);
    for (const { to, via } of FAMILIES.flatMap((family) => ip[family]?.routes ?? []))
      expect(await on(name, `ip ${to.family === "ipv4" ? "-4" : "-6"} route show ${to}`)).toContain(
        `via ${via} dev eth0`,
      );
    if (dns.length === 0 || !["NetworkManager", "ifcfg"].includes(backend)) continue;
    const resolver = await on(name, "cat /run/NetworkManager/resolv.conf");
    expect(resolver).toContain(`search ${search.join(" ")}\n`);
    expect([...resolver.matchAll(/^nameserver (.*)$/gm)].map(([, server]) => server)).toEqual(dns.map(String));
  }
}

/** What a host goes through with one back end, in order. */
function steps(name: string, backend: Host["backend"]) {
  const step = () => networkStep(spec(), { ...hostOf(name), backend });
  let birth: string[];
  return {
    "begins with IPv4 only": async () => {
      birth = await state(name);
      expect(await on(name, "ip -6 -o address show dev eth0 scope global")).toBe("");
    },
    "gets its addresses and gateways of both families, and keeps SSH": async () => {
      await change(name, step());
      const wanted = step()
        .values.filter(([key]) => key === "address")
        .map(([, value]) => value.split(" ")[1]!);
      const found = (await on(name, ADDRESSES)).split("\n").map((each) => each.split("/")[0]!);
      expect(found.sort()).toEqual(wanted.sort());
      for (const [, value] of step().values.filter(([key]) => key === "gateway"))
        expect(await on(name, ROUTES)).toContain(`default via ${value.split(" ")[1]} dev eth0`);
      await expectRest(name, backend);
    },
    "changes nothing in a second run": async () => {
      const before = await state(name);
      const { code, stdout, stderr } = await ask(name, step());
      expect([code, stdout]).toEqual([0, ""]);
      expect(stderr).not.toMatch(/wrote|kept|gave back/);
      expect(await state(name)).toEqual(before);
    },
    "is the same after a restart of the host": async () => {
      const before = await state(name);
      await restart(name);
      await settled(name, before);
    },
    "gets its own network back": async () => {
      const { code, stderr } = await ask(name, step(), "remove");
      expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
      await settled(name, birth);
    },
  };
}

const STEPS = Object.keys(steps("", "none"));
const outcomes = new Map<string, Promise<void>>();
const keyOf = (...parts: readonly string[]) => parts.join(", ");

let seen: { code: string; hosts: string[]; found: string }[];

beforeAll(async () => {
  await up();
  const { output } = await dualstack("preflight", file, "--json");
  seen = JSON.parse(output.slice(output.indexOf("{"))).findings;
  for (const [name, backends] of Object.entries(HOSTS)) {
    let last = Promise.resolve();
    for (const backend of backends) {
      for (const [what, work] of Object.entries(steps(name, backend))) {
        last = last.then(work);
        last.catch(() => {}); // told by its test
        outcomes.set(keyOf(name, backend, what), last);
      }
    }
  }
}, LONG);
afterAll(down);

describe.each(Object.entries(HOSTS).flatMap(([name, backends]) => backends.map((backend) => ({ name, backend }))))(
  "host $name, by $backend",
  ({ name, backend }) => {
    test.each(STEPS)("%s", (what) => outcomes.get(keyOf(name, backend, what)));
  },
);

test("preflight sees by whom each host is configured: nobody but the one of the spec", () => {
  expect(seen.map(({ code, found }) => `${code}: ${found}`)).toContain("peer-later: no address of ipv6 yet");
  expect(seen.filter(({ code }) => code === "network-manager")).toEqual([]);
});

/** What NetworkManager has of a connection, without what nobody set. */
async function connection(name: string): Promise<Record<string, string>> {
  const shown = await on("ifcfg", `nmcli --terse connection show ${name}`);
  const pairs = shown.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}

test("NetworkManager's ifcfg-rh plugin reads VLANs, bonds, routes and a link-local router", async () => {
  const text = readFileSync(join(__dirname, "../plan/backends/rich.yaml"), "utf8");
  const { spec } = parseSpec(text.replace("backend: systemd-networkd", "backend: ifcfg"), { file: "rich.yaml" });
  const files = networkStep(spec, spec.hosts[0]!).files.filter(({ path }) => /scripts\/.*-(bond|eth[123])/.test(path));
  // the kernel of the tests has neither VLANs nor bonds, so nothing is to come up
  for (const { path, text } of files)
    await on("ifcfg", `cat >${path} <<'EOF'\n${text.replace("ONBOOT=yes", "ONBOOT=no")}EOF`);
  await on("ifcfg", "nmcli connection reload");
  expect(await connection("bond0.100")).toMatchObject({
    "connection.type": "vlan",
    "vlan.parent": "bond0",
    "vlan.id": "100",
    "802-3-ethernet.mtu": "1500",
    "ipv4.addresses": "192.168.1.11/24, 192.168.1.12/24, 192.168.7.12/24",
    "ipv4.gateway": "192.168.1.1",
    "ipv4.routes": "172.30.0.0/16 192.168.1.2 50",
    "ipv4.dns-search": "lab.example,example.org",
    "ipv6.method": "manual",
    "ipv6.addresses": "fd00:1::11/64, fd00:1::12/64, fd00:7::12/64",
    "ipv6.gateway": "fe80::1",
    "ipv6.routes": "fd00:9::/64 fe80::9",
    "ipv6.dns": "fd00:1::53",
  });
  expect(await connection("bond0")).toMatchObject({
    "bond.options": "mode=active-backup,miimon=50,primary=eth1",
    "connection.autoconnect-slaves": "1",
    "ipv4.method": "disabled",
    "ipv6.method": "disabled",
  });
  expect(await connection("eth1")).toMatchObject({
    "connection.master": "bond0",
    "connection.slave-type": "bond",
    "802-3-ethernet.mac-address": "52:54:00:AB:CD:02",
  });
  expect(await connection("eth3")).toMatchObject({ "ipv6.method": "auto", "ipv6.ip6-privacy": "2" });
});
