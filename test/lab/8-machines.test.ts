/**
 * VLANs and bonds on hosts with a kernel of their own: virtual machines. worker-1 has a VLAN, a bond of two cards and a VLAN on the
 * bond, by one network service after the other; cp-1 is at the other end of each. A switch between them lets every VLAN pass.
 */
import type { Step } from "../../hosts/document";
import { networkStep } from "../../hosts/network";
import { FAMILIES, type Host } from "../../spec";
import { LONG, run, until } from "./harness";
import { networkLab } from "./safe";

const { ask, change, down, environment, hostOf, on, spec, state, stepOf, up } = networkLab("machines");

const NAME = "worker-1";
const PEER = "cp-1";
const BACKENDS: readonly Host["backend"][] = ["systemd-networkd", "ifupdown", "NetworkManager"];

/** All that ifenslave does by itself. */
const HOOK = "/etc/network/if-post-down.d/ifenslave";

const LINKS = "ip -o link show | awk -F': ' '{ print $2 }' | sort";
/** Each card, bond and VLAN with its addresses. */
const ADDRESSES =
  "ip -o address show scope global | awk '$2 ~ /^(eth|bond)/ { print $2, $4 }' | sed 's,/.*,,' | sort; echo; " +
  "cd /sys/class/net/bond0/bonding && cat mode && xargs -n 1 <slaves | sort && cat primary; echo; " +
  "awk 'NR > 2' /proc/net/vlan/config | sort";

beforeAll(async () => {
  await up();
  await change(PEER, patient(stepOf(PEER)));
}, LONG);
afterAll(down);

/** An emulated processor that has to wait for others is not to run into the way back. */
const patient = (step: Step): Step => ({ ...step, values: [...step.values, ["window", "600"]] });

/** Asks the other end of every link, over each family. */
async function reachesThePeer(): Promise<void> {
  for (const { name, ip } of hostOf(PEER).interfaces) {
    for (const family of FAMILIES) {
      const [target] = name === "eth0" ? ip[family]!.secondary : [ip[family]!.address];
      await on(NAME, `ping -c 1 -W 5 ${target!.address} >/dev/null || ping -c 3 -W 5 ${target!.address}`);
    }
  }
}

/** Pulls a cable, or plugs it in again. */
async function cable(card: number, plug: "on" | "off"): Promise<void> {
  const press = `echo set_link card${card} ${plug} | socat - unix-connect:/run/monitor`;
  const { code, output } = await run(
    ["docker", "exec", `dualstack-machines-${NAME}`, "sh", "-c", press],
    await environment(),
  );
  if (code !== 0) throw new Error(output);
}

const activeCard = () => on(NAME, "cat /sys/class/net/bond0/bonding/active_slave");

/** A real one: the machine's kernel ends and starts again. */
async function reboot(): Promise<void> {
  const boot = "cat /proc/sys/kernel/random/boot_id";
  const before = await on(NAME, boot);
  await on(NAME, "systemctl reboot");
  await until("another boot", async () => (await on(NAME, boot)) !== before);
  await until("it is up", async () =>
    /running|degraded/.test(await on(NAME, "systemctl is-system-running --wait || true")),
  );
}

async function settled(wanted: readonly string[]): Promise<void> {
  await until("the old state", async () => (await state(NAME)).join() === wanted.join()).catch(() => {});
  expect(await state(NAME)).toEqual(wanted);
}

test("wrong VLAN: addresses on one where nobody answers send the host back by itself, byte for byte, and the run says why", async () => {
  const before = await state(NAME);
  // on every host, since flannel wants them alike
  const wrong = spec(
    /- name: eth0\n( +)ipv4:/g,
    "- name: eth0\n      - name: eth0.999\n$1vlan: {id: 999, parent: eth0}\n$1ipv4:",
  );
  const { code, stderr } = await ask(NAME, stepOf(NAME, wrong));
  expect(code).not.toBe(0);
  const message =
    /the gateway 192\.168\.134\.1 does not answer on eth0\.999 \(ARP\): is it the right one, and this the right link or VLAN\?/;
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/the old network is back; it and what was tried are kept in \/var\/lib\/dualstack\/went-back/);
  expect(await on(NAME, "cat /var/lib/dualstack/went-back/reason")).toMatch(message);
  await settled(before);
  expect(await on(NAME, LINKS)).toBe("eth0\neth1\neth2\nlo");
});

describe.each(BACKENDS)("by %s", (backend) => {
  const step = () => patient(networkStep(spec(), { ...hostOf(NAME), backend }));
  let birth: string[];
  let addresses: string;

  if (backend === "NetworkManager") {
    test("a bond is refused before anything changes while ifenslave is installed, which would take it apart without end", async () => {
      const before = await state(NAME);
      const { code, stderr } = await ask(NAME, step());
      expect(code).not.toBe(0);
      expect(stderr).toMatch(/ifenslave is installed: .*nothing was changed\. 'apt-get purge ifenslave' on this host/);
      expect(await state(NAME)).toEqual(before);
      await on(NAME, `chmod -x ${HOOK}`);
    });
    afterAll(() => on(NAME, `chmod +x ${HOOK}`));
  }

  test("a host gets a VLAN, a bond and a VLAN on the bond, and reaches the other end of each over both families", async () => {
    birth = await state(NAME);
    expect(await on(NAME, LINKS)).toBe("eth0\neth1\neth2\nlo");
    await change(NAME, step());
    addresses = await on(NAME, ADDRESSES);
    const wanted = hostOf(NAME).interfaces.flatMap(({ name, ip }) =>
      FAMILIES.flatMap((family) => (ip[family] ? [`${name} ${ip[family].address.address}`] : [])),
    );
    expect(addresses.split("\n\n")[0]!.split("\n")).toEqual(wanted.sort());
    expect(addresses).toMatch(/\n\nactive-backup 1\neth1\neth2\neth1\n/);
    expect(addresses).toMatch(/bond0\.100 +\| 100 +\| bond0/);
    expect(addresses).toMatch(/eth0\.200 +\| 200 +\| eth0/);
    await reachesThePeer();
  });

  test("the bond goes on by its other card when a cable is pulled", async () => {
    expect(await activeCard()).toBe("eth1");
    await cable(1, "off");
    await until("the other card", async () => (await activeCard()) === "eth2");
    await reachesThePeer();
    await cable(1, "on");
    await until("the preferred card", async () => (await activeCard()) === "eth1");
  });

  test("a second run changes nothing", async () => {
    const before = await state(NAME);
    const { code, stdout, stderr } = await ask(NAME, step());
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).not.toMatch(/wrote|kept|gave back/);
    expect(await state(NAME)).toEqual(before);
  });

  // NetworkManager counts metrics in the order in which links come up
  if (backend !== "NetworkManager")
    test("all of it is there again after a reboot, with its modules and kernel settings", async () => {
      const before = await state(NAME);
      await reboot();
      await settled(before);
      expect(await on(NAME, ADDRESSES)).toBe(addresses);
      expect(await on(NAME, "cat /proc/modules")).toMatch(/^8021q [\s\S]*^bonding |^bonding [\s\S]*^8021q /m);
      await reachesThePeer();
    });

  test("the host gets its own network back", async () => {
    const { code, stderr } = await ask(NAME, step(), "remove");
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    await settled(birth);
    expect(await on(NAME, LINKS)).toBe("eth0\neth1\neth2\nlo");
  });
});
