/**
 * The programs themselves read what dualstack writes for them: the rich host of test/plan/backends on a lab host, in a folder or a
 * network namespace of its own, so nothing of the host changes. The reader of ifcfg files is in 8-back-ends; what a shell makes of
 * them is in test/plan/backends-ifcfg.test.ts.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { networkStep } from "../../hosts/network";
import { parseSpec } from "../../spec";
import type { Host } from "../../spec/types";
import { labSpec, on } from "./harness";

const RICH = readFileSync(join(__dirname, "../plan/backends/rich.yaml"), "utf8");
const FOLDER = "/tmp/dualstack-readers";

function lab(): Host {
  return labSpec().hosts.find(({ name }) => name === "worker-1")!;
}

/** Writes the files of a back end below {@link FOLDER} of the lab host. */
async function bring(backend: string, text = RICH): Promise<void> {
  const { spec } = parseSpec(text.replace("backend: systemd-networkd", `backend: ${backend}`), { file: "rich.yaml" });
  await on(lab(), `rm -rf ${FOLDER}`);
  for (const { path, mode, text } of networkStep(spec, spec.hosts[0]!).files)
    await on(
      lab(),
      `mkdir -p ${FOLDER}${dirname(path)} && cat >${FOLDER}${path} && chmod ${mode} ${FOLDER}${path}`,
      text,
    );
}

afterAll(() => on(lab(), `rm -rf ${FOLDER}`));

test("netplan makes networkd's files of its file, without a warning", async () => {
  await bring("netplan");
  expect(await on(lab(), `netplan generate --root-dir ${FOLDER} 2>&1`)).toBe("");
  const made = (name: string) => on(lab(), `cat ${FOLDER}/run/systemd/network/10-netplan-${name}`);
  const vlan = await made("bond0.100.network");
  for (const address of ["192.168.1.11/24", "192.168.7.12/24", "fd00:1::11/64", "fd00:7::12/64"])
    expect(vlan).toContain(`Address=${address}\n`);
  expect(vlan).toContain("[Route]\nDestination=::/0\nGateway=fe80::1\n");
  expect(await made("bond0.100.netdev")).toMatch(/\[VLAN\]\nId=100/);
  expect(await made("bond0.netdev")).toContain("Mode=active-backup\nMIIMonitorSec=50ms");
  expect(await made("eth3.network")).toContain("IPv6AcceptRA=yes");
  expect(await made("eth0.link")).toContain("PermanentMACAddress=52:54:00:ab:cd:01\n\n[Link]\nName=eth0\n");
});

test("NetworkManager's own parser reads each keyfile, and has every setting afterwards", async () => {
  await bring("NetworkManager");
  const connections = `${FOLDER}/etc/NetworkManager/system-connections`;
  const read = (name: string) =>
    on(
      lab(),
      `nmcli --offline connection modify connection.zone '' <${connections}/dualstack-${name}.nmconnection 2>&1`,
    );
  const vlan = await read("bond0.100");
  expect(vlan).toMatch(/\[ipv6\][\s\S]*address3=fd00:7::12\/64/);
  expect(vlan).toMatch(/\[ipv6\][\s\S]*address1=fd00:1::11\/64,fe80::1/);
  expect(vlan).toMatch(/\[ipv4\][\s\S]*route1=172\.30\.0\.0\/16,192\.168\.1\.2,50/);
  expect(vlan).toMatch(/\[vlan\]\nflags=1\nid=100\nparent=bond0/);
  expect(await read("bond0")).toMatch(/miimon=50\nmode=active-backup\nprimary=eth1/);
  expect(await read("eth1")).toMatch(/mac-address=52:54:00:AB:CD:02/);
  expect(await read("eth2")).toMatch(/master=bond0\nslave-type=bond/);
  expect(await read("eth3")).toMatch(/\[ipv6\]\n(addr-gen-mode=eui64|addr-gen-mode=0)\nip6-privacy=2\nmethod=auto/);
});

test("NetworkManager leaves the interfaces of pods alone", async () => {
  await bring("NetworkManager");
  const settings = await on(
    lab(),
    `NetworkManager --print-config --config-dir ${FOLDER}/etc/NetworkManager/conf.d 2>&1`,
  );
  expect(settings).toMatch(
    /\[keyfile\][\s\S]*unmanaged-devices=.*interface-name:cali\*[,;].*interface-name:kube-ipvs0/,
  );
});

test("ifupdown makes of its file the commands that are meant", async () => {
  await bring("ifupdown");
  const file = `-i ${FOLDER}/etc/network/interfaces`;
  const commands = await on(lab(), `ifup --no-act --force --verbose -a ${file} 2>&1`);
  for (const command of [
    "ip link add link bond0 name bond0.100 type vlan id 100",
    "ip addr add 192.168.7.12/255.255.255.0",
    "ip -6 addr add fd00:7::12/64",
    "ip -6 route replace default via fe80::1",
    "ip -6 route replace fd00:9::/64 via fe80::9 dev $IFACE",
    "net.ipv6.conf.eth3.accept_ra=2",
    "net.ipv6.conf.eth3.use_tempaddr=2",
    "net.ipv6.conf.eth0.accept_ra=0",
    "ip link set dev eth0 mtu 1400",
  ])
    expect(commands).toContain(command);
  expect(await on(lab(), `ifquery ${file} bond0`)).toContain("bond-slaves: eth1 eth2");
});

/** The links of the rich host that need no VLAN and no bond, which a lab's kernel may not have. */
const FLAT = RICH.replace(/ {6}- \{name: eth1,[\s\S]*?name: bond0\.100\n.*\n.*\n/, "      - name: eth1\n");

/** A networkd of its own in a network namespace: veth pairs are its links, and a read-only /sys tells it that there is no udev. */
const NAMESPACE = `
set -e
for name in eth0 eth1 eth3; do ip link add $name type veth peer name peer-$name; ip link set peer-$name up; done
mount -t tmpfs none /run
mount -t sysfs -o ro none /sys
mkdir -p /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp
chown -R systemd-network: /run/systemd/netif
mount --bind ${FOLDER}/etc/systemd/network /etc/systemd/network
mkdir -p /etc/systemd/networkd.conf.d
mount --bind ${FOLDER}/etc/systemd/networkd.conf.d /etc/systemd/networkd.conf.d
rm -f /etc/systemd/network/*.link
SYSTEMD_LOG_LEVEL=info SYSTEMD_LOG_TARGET=console timeout 20 /lib/systemd/systemd-networkd 2>/run/log &
for _ in $(seq 1 60); do
  ip -6 -o address show dev eth1 2>/dev/null | grep -q 'fd00:7::12/64 scope global *\\\\' && ip -6 route | grep -q '^default.*eth1' && break
  sleep 0.25
done
cat /run/log; ip -o address; ip route; ip -6 route
kill %1
`;

test("networkd gives its links the addresses and routes, and knows every key but those of later releases", async () => {
  await bring("systemd-networkd", FLAT);
  const shown = await on(lab(), "unshare --net --mount bash", NAMESPACE);
  const unknown = [...shown.matchAll(/Unknown (?:key|section).*'(\w+)'.*/g)].map(([, key]) => key);
  expect(unknown.filter((key) => key !== "ManageForeignNextHops" && key !== "Network")).toEqual([]);
  for (const address of ["192.168.1.11/24", "192.168.1.12/24", "192.168.7.12/24", "fd00:1::11/64", "fd00:7::12/64"])
    expect(shown).toMatch(new RegExp(`eth1 +inet6? ${address} `));
  expect(shown).toMatch(/^default via 192\.168\.1\.1 dev eth1 proto static/m);
  expect(shown).toMatch(/^default via fe80::1 dev eth1 proto static/m);
  expect(shown).toMatch(/^172\.30\.0\.0\/16 via 192\.168\.1\.2 dev eth1 proto static metric 50/m);
  expect(shown).toMatch(/^fd00:9::\/64 via fe80::9 dev eth1 proto static/m);
});
