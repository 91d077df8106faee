/** What a lab is made of, from its spec, before anything is made. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BirthFile, birthFiles } from "../../lab/birth";
import { homeOf, networkOf, readLabSpec } from "../../lab/home";
import { lansOf, type Machine, machinesOf, SERVICES, type Service } from "../../lab/machines";
import { machineArguments } from "../../lab/vm";
import { planCluster } from "../../plan/plan";
import { parseSpec } from "../../spec";

const specs = resolve(__dirname, "../lab/specs");
const specOf = (name: string, change = (text: string) => text) =>
  parseSpec(change(readFileSync(join(specs, `${name}.yaml`), "utf8")), { file: name, placeholderKey: "none yet" }).spec;
function born(name: string, host: string, service: Service = "systemd-networkd"): string {
  const spec = specOf(name);
  const machine = machinesOf(spec).find((each) => each.name === host)!;
  const files = Object.values(birthFiles({ ...machine, service }, lansOf(spec)[0]!));
  return files.flatMap((file: BirthFile) => ("text" in file ? [file.text] : [])).join();
}

test.each([["a"], ["ipv6-first"], ["a-name-as-long-as-a-label-may-be-which-is-sixty-three-characters"]])(
  "the bridge of %s has a name that Linux takes",
  (name) => expect(networkOf(homeOf(name), "eth0").bridge).toMatch(/^ds-[a-z0-9-]{1,12}$/),
);

test("long names that begin alike have different bridges", () => {
  const bridge = (name: string, device = "eth0") => networkOf(homeOf(name), device).bridge;
  expect(bridge("integration-one")).not.toBe(bridge("integration-two"));
  expect(bridge("short", "eth1")).not.toBe(bridge("short"));
});

test.each(SERVICES)("%s gives a host the family by which SSH reaches it, and that alone", (service) => {
  expect(born("ipv6-first", "cp-1", service)).toContain("fd5d:a57a:c400:102::51/64");
  expect(born("ipv6-first", "cp-1", service)).toContain("fd5d:a57a:c400:102::1");
  expect(born("ipv6-first", "cp-1", service)).not.toContain("192.168");
});

test("a host born with IPv4 has no link-local address either, as one whose IPv6 was turned off", () => {
  expect(born("ipv4-only", "cp-1")).toContain("LinkLocalAddressing=no\n");
});

test("the host outside has every family that it names from the start", () => {
  expect(born("ipv6-first", "outside")).toContain("192.168.102.90/24");
  expect(born("ipv6-first", "outside")).toContain("fd5d:a57a:c400:102::90/64");
});

test("a network has the families of the spec", () => {
  expect(lansOf(specOf("ipv6-only"))[0]?.families).toEqual(["ipv6"]);
  expect(lansOf(specOf("ipv4-only"))[0]?.families).toEqual(["ipv4"]);
  expect(lansOf(specOf("ipv6-first"))[0]?.families).toEqual(["ipv4", "ipv6"]);
});

test("a second interface is one on a second network, and begins without an address", () => {
  const eth1 = (host: number) =>
    `"fd5d:a57a:c400:103::1"}\n      - {name: eth1, ipv6: {address: "fd5d:a57a:c400:113::${host}/64"}}`;
  const spec = specOf("ipv6-only", (text) => text.replace('"fd5d:a57a:c400:103::1"}', eth1(51)));
  expect(lansOf(spec).map(({ device, ranges }) => `${device} ${ranges.ipv6}`)).toEqual([
    "eth0 fd5d:a57a:c400:103::/64",
    "eth1 fd5d:a57a:c400:113::/64",
  ]);
  const [plane, worker] = machinesOf(spec);
  expect(`${plane?.second?.ipv6}`).toBe("fd5d:a57a:c400:113::51");
  expect(worker?.second).toBeUndefined();
  expect(JSON.stringify(birthFiles(plane!, lansOf(spec)[0]!))).not.toContain("113::51");
});

const cardsOf = (name: string, change?: (text: string) => string) =>
  machinesOf(specOf(name, change)).map(({ virtual }) => virtual?.cards.map(({ device }) => device));

test("a virtual machine has every card that its spec names, bonds' members too, on the network of eth0", () => {
  expect(cardsOf("machines")).toEqual([["eth0"], ["eth0", "eth0", "eth0"]]);
  expect(cardsOf("ipv6-only")).toEqual([undefined, undefined, undefined]);
});

test("its eth1 is on the second network where it is a link of its own, and on the first one as member of a bond", () => {
  const link = '"fd5d:a57a:c400:134::1"}\n      - {name: eth1, ipv4: {address: 192.168.138.61/24}}';
  const second = (text: string) =>
    text
      .replace("members: [eth1, eth2], primary: eth1", "members: [eth2]")
      .replace(/(134::61.*)"fd5d:a57a:c400:134::1"}/, `$1${link}`);
  expect(cardsOf("machines", second)[1]).toEqual(["eth0", "eth1", "eth0"]);
});

test("a machine whose eth0 is member of a bond is born with the bond's addresses on it", () => {
  const bonded = (text: string) =>
    text
      .replace(
        "- name: eth0\n        ipv4: {address: 192.168.134.61",
        "- name: bond1\n        bond: {members: [eth0, eth3]}\n        ipv4: {address: 192.168.134.61",
      )
      .replace(
        "parent: eth0}\n        ipv4: {address: 192.168.137.61",
        "parent: bond1}\n        ipv4: {address: 192.168.137.61",
      );
  const machine = machinesOf(specOf("machines", bonded))[1]!;
  expect(machine.virtual?.cards).toHaveLength(4);
  expect(`${machine.addresses.ipv4}`).toBe("192.168.134.61");
});

test("UUID and hardware addresses of a machine stay when its lab is made again, and are nobody else's", () => {
  const [plane, worker] = machinesOf(specOf("machines"));
  const of = (name: string, machine: Machine | undefined) =>
    machineArguments(homeOf(name), machine!.name, machine!.virtual!);
  const given = of("machines", worker);
  expect(given).toEqual(of("machines", worker));
  expect(given[2]).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const own = (args: readonly string[]) => args.filter((arg) => /[-:]/.test(arg));
  const all = [given, of("machines", plane), of("other", worker)].flatMap(own);
  expect(new Set(all).size).toBe(all.length);
});

test.each<[string, (text: string) => string, RegExp]>([
  [
    "a host elsewhere",
    (text) =>
      text
        .replace(", backend: host-gw", "")
        .replace(':103::61/64", gateway: "fd5d:a57a:c400:103::1', ':999::61/64", gateway: "fd5d:a57a:c400:999::1'),
    /worker-1: .*is not in fd5d/,
  ],
  [
    "a gateway that the bridge cannot have",
    (text) => text.replaceAll('"fd5d:a57a:c400:103::1"}', '"fe80::1"}'),
    /cp-1: .*fe80::1/,
  ],
  [
    "SSH by a name",
    (text) => text.replace("role: worker", "role: worker\n    ssh: {address: worker.example}"),
    /worker-1: .*not at worker\.example/,
  ],
  ["another interface", (text) => text.replaceAll("eth0", "ens3"), /cp-1: .*interface eth0.*not ens3/],
  [
    "a VLAN of a container",
    (text) =>
      text.replace(
        '::51/64", gateway: "fd5d:a57a:c400:103::1"}',
        '::51/64", gateway: "fd5d:a57a:c400:103::1"}\n      - {name: eth0.7, vlan: {id: 7, parent: eth0}, ipv6: {address: "fd00:7::1/64"}}',
      ),
    /cp-1: .*not eth0\.7\. .*platform: machine/,
  ],
  [
    "a card of a machine that Linux would call otherwise",
    (text) => text.replace("platform: container", "platform: machine").replaceAll("eth0", "ens3"),
    /cp-1: the network cards .* eth0, eth1 and so on; not ens3/,
  ],
])("%s is refused", (_, change, message) => {
  expect(() => lansOf(specOf("ipv6-only", change))).toThrow(message);
});

test("a spec that looks for its keys elsewhere is told what to write", () => {
  const folder = mkdtempSync(join(tmpdir(), "dualstack-lab-"));
  const file = join(folder, "spec.yaml");
  writeFileSync(file, readFileSync(join(specs, "ipv6-only.yaml"), "utf8"));
  expect(() => readLabSpec(file)).toThrow(
    /ssh: \{user: root, identityFile: \S+\.lab\/ipv6-only\/id_ed25519, knownHosts: \S+/,
  );
  rmSync(folder, { recursive: true });
});

test("a spec of kind has a lab without keys and machines", () => {
  const { home, spec } = readLabSpec(join(__dirname, "../../stacks/kind.yaml"));
  expect(home.name).toBe("dualstack-kind");
  expect([machinesOf(spec), lansOf(spec)]).toEqual([[], []]);
});

test("a node in a container evicts no pod for the disk of the machine around it", () => {
  for (const { kubernetes } of planCluster(specOf("ipv6-only")).hosts) {
    const kubelet = kubernetes.files.find(({ path }) => path.endsWith("kubelet.yaml"));
    expect(kubelet?.text).toMatch(/^evictionHard:\n( {2}.*\n)* {2}nodefs.available: 0%\n/m);
  }
});
