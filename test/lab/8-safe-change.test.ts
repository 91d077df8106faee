/**
 * Faults while the network of a host changes, on real hosts. After every one the host is reachable, with its old network or its
 * new one, byte for byte and address for address, never a mixture.
 */
import { spawn } from "node:child_process";
import { commandLine, STEP_SECONDS } from "../../hosts/command-line";
import { print, type Step } from "../../hosts/document";
import { Connection } from "../../live/ssh";
import { killGroup, LONG, until } from "./harness";
import { networkLab } from "./safe";

const { ask, confirm, credentials, down, hostOf, identity, knownHosts, on, restart, spec, state, stepOf, up, ...lab } =
  networkLab("safe");

const NAME = "worker-1";
const window = (name = NAME) =>
  on(name, "ls -d /var/lib/dualstack/window /var/lib/dualstack/going-back 2>/dev/null || true");
const timers = (name = NAME) =>
  on(
    name,
    "systemctl list-timers --all --no-legend 'dualstack-*' | wc -l; ls /etc/systemd/system | grep -c dualstack || true",
  );

const change = (step: Step) => lab.change(NAME, step);

/** What a step that fails says. */
async function failure(step: Step): Promise<string> {
  const { code, stderr } = await ask(NAME, step);
  expect(code).not.toBe(0);
  return stderr;
}

const good = () => stepOf(NAME);
const withMistake = (from: string, to: string, seconds?: number) => stepOf(NAME, spec(from, to), seconds);
/** A change that is right: another packet size. */
const MTU: [string, string] = [
  "ipv4: {address: 192.168.111.61/24",
  "mtu: 1400\n        ipv4: {address: 192.168.111.61/24",
];

/** Another one, which a connection that is open outlives: one more packet of the old size would be lost, and with it the connection. */
const MORE: [string, string] = [
  "ipv4: {address: 192.168.111.61/24",
  "ipv4: {secondary: [192.168.111.161/24], address: 192.168.111.61/24",
];

let before: string[];

beforeAll(up, LONG);
beforeAll(() => change(good()));
beforeEach(async () => {
  before = await state(NAME);
});
afterAll(down);

/** The host is as it was before the change, no way back is armed any more, and what was kept can be read. */
async function isBack(name = NAME, wanted = before): Promise<void> {
  await until("the host is back", async () => (await window(name)) === "");
  // after a restart, routes wait for duplicate address detection
  await until("the old state", async () => (await state(name)).join() === wanted.join()).catch(() => {});
  expect(await state(name)).toEqual(wanted);
  expect(await timers(name)).toBe("0\n0");
}

describe("goes back at once when the host itself sees", () => {
  test.each<[string, string, string, RegExp]>([
    [
      "a wrong IPv4 gateway",
      'gateway: 192.168.111.1}\n        ipv6: {address: "fd5d:a57a:c400:111::61',
      'gateway: 192.168.111.250}\n        ipv6: {address: "fd5d:a57a:c400:111::61',
      /the gateway 192\.168\.111\.250 does not answer on eth0 \(ARP\)/,
    ],
    [
      "a wrong IPv6 gateway",
      '::61/64", gateway: "fd5d:a57a:c400:111::1"',
      '::61/64", gateway: "fe80::dead"',
      /the gateway fe80::dead does not answer on eth0 \(neighbour discovery\)/,
    ],
    [
      "an address that another machine has",
      "::61/64",
      "::99/64",
      /fd5d:a57a:c400:111::99 on eth0 is used by another machine on this link/,
    ],
  ])("%s", async (_, from, to, message) => {
    await on("cp-1", "ip address replace fd5d:a57a:c400:111::99/64 dev eth0 nodad");
    const said = await failure(withMistake(from, to));
    expect(said).toMatch(message);
    expect(said).toMatch(/the old network is back; it and what was tried are kept in \/var\/lib\/dualstack\/went-back/);
    await isBack();
    expect(await on(NAME, "cat /var/lib/dualstack/went-back/reason")).toMatch(message);
  });

  test("a wrong prefix", async () => {
    // the spec refuses a gateway outside the range, so the mistake is made here as a file
    const step = good();
    const files = step.files.map((file) => ({
      ...file,
      text: file.text.replace("192.168.111.61/24", "192.168.111.61/32"),
    }));
    expect(await failure({ ...step, files })).toMatch(
      /eth0 got no default route by 192\.168\.111\.1|does not answer on eth0/,
    );
    await isBack();
  });
});

test("a family that does not answer new connections: the host is sent back, and the run says so", async () => {
  const step = withMistake(...MTU);
  await on(
    NAME,
    "nft add table ip6 broken; nft add chain ip6 broken in '{ type filter hook input priority -300; }'; nft add rule ip6 broken in tcp dport 22 drop",
  );
  try {
    expect((await ask(NAME, step)).stdout).toBe("ipv4\nipv6\n");
    await expect(confirm(NAME, step, 1)).rejects.toThrow(
      /the changed network of worker-1 is not confirmed: root@fd5d:a57a:c400:111::61 port 22: [\s\S]*the old network is back/,
    );
  } finally {
    await on(NAME, "nft delete table ip6 broken");
  }
  await isBack();
});

test("nobody confirms: the host goes back by its own timer", async () => {
  expect((await ask(NAME, withMistake(...MTU, 3))).code).toBe(0);
  expect(await window()).not.toBe("");
  await isBack();
  expect(await on(NAME, "cat /var/lib/dualstack/went-back/reason")).toBe(
    "no new connection came over ipv4 ipv6 within 3 s",
  );
});

test("the address of the run itself would go: refused before anything changes", async () => {
  const step = good();
  const files = step.files.map((file) => ({ ...file, text: file.text.replace("111.61/24", "111.62/24") }));
  const values = step.values.map(([name, value]) => [name, value.replace("111.61", "111.62")] as const);
  expect(await failure({ ...step, files, values })).toMatch(
    /this change takes away 192\.168\.111\.61 of eth0, the address by which this run is connected; nothing was changed/,
  );
  expect(await state(NAME)).toEqual(before);
});

/** Applies a step over a connection that can be killed; `kept` is the moment in which the change begins. */
function begin(step: Step) {
  const { ssh } = hostOf(NAME);
  const files = ["-i", identity, "-o", `UserKnownHostsFile=${knownHosts}`];
  const child = spawn("ssh", ["-F", "none", ...files, `root@${ssh.address}`, commandLine("apply", STEP_SECONDS)], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  let said = "";
  const kept = new Promise<void>((done) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("the old network is kept")) done();
    });
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((done) =>
    child.once("close", (code) => done({ code, stderr: said })),
  );
  child.stdin.on("error", () => {});
  child.stdin.end(print(step));
  return { child, kept, ended };
}

describe("SSH is cut in the middle of the change", () => {
  async function cut(step: Step): Promise<void> {
    const { child, kept, ended } = begin(step);
    await kept;
    child.kill("SIGKILL");
    await ended;
  }

  test("and nobody comes again: the host goes back", async () => {
    await cut(withMistake(...MTU, 4));
    await isBack();
  });

  test("and the next run goes on with the change and confirms it", async () => {
    const step = withMistake(...MORE);
    await cut(step);
    await change(step);
    expect(await on(NAME, "ip -o address show to 192.168.111.161 | wc -l")).toBe("1");
    expect(await timers()).toBe("0\n0");
    await change(good());
    expect(await state(NAME)).toEqual(before);
  });
});

test("kill -9 of pulumi up in the middle of the change: every host goes back by its own timer", async () => {
  const hosts = ["cp-1", NAME] as const;
  await on("cp-1", "ip address del fd5d:a57a:c400:111::99/64 dev eth0 2>/dev/null || true");
  const old = await Promise.all(hosts.map(state));
  const up = await lab.pulumiUp(...MTU);
  await until("the change is under way", async () => (await window()) !== "");
  killGroup(up.child);
  expect((await up.ended).code).not.toBe(0);
  for (const [index, name] of hosts.entries()) {
    // what was begun goes on to its end without anybody; then the host waits
    await on(name, "flock -w 60 /run/lock/dualstack true");
    const armed = "cat /var/lib/dualstack/window/timer 2>/dev/null || true";
    const timer = await on(name, armed);
    if (name === NAME) expect(timer).toMatch(/^dualstack-back-/);
    if (timer === "") continue;
    expect(await on(name, `systemctl is-active ${timer}.timer`)).toBe("active");
    // two minutes later
    await on(name, `systemctl start --no-block ${timer}.service`);
    await isBack(name, old[index]);
  }
});

test("the host is restarted while it waits for the confirmation: it comes back with its old network", async () => {
  expect((await ask(NAME, withMistake(...MTU))).code).toBe(0);
  await restart(NAME);
  expect(await on(NAME, "cat /var/lib/dualstack/went-back/reason")).toBe(
    "the host was restarted before the new network was confirmed",
  );
  await isBack();
});

/** Does something while a folder is a small disk of its own, with what the folder held and not a byte left. */
async function onFullDisk(folder: string, size: string, work: () => Promise<void>): Promise<void> {
  const fill = `{ head -c 1M /dev/zero >${folder}/filler || true; }`;
  await on(
    NAME,
    `cp -a ${folder} /run/old && mount -t tmpfs -o size=${size} tmpfs ${folder} && cp -a /run/old/. ${folder} && ${fill}`,
  );
  try {
    await work();
  } finally {
    await on(NAME, `umount ${folder}; rm -r /run/old`);
  }
}

test("a full disk: the files that were written go back too", async () => {
  await onFullDisk("/etc/systemd/network", "16k", async () => {
    before = await state(NAME);
    const step = withMistake(...MTU);
    const files = [{ ...step.files[0]!, text: "overlay\nbr_netfilter\n" }, ...step.files.slice(1)];
    const said = await failure({ ...step, files });
    expect(said).toMatch(/wrote \/etc\/modules-load.d\/dualstack.conf/);
    expect(said).toMatch(
      /cannot write \/etc\/systemd\/network\/05-dualstack-eth0.network; the old file is untouched. Free space:.* 100%/,
    );
    await isBack();
  });
});

test("no room to keep the old network: nothing is changed", async () => {
  await on(NAME, "rm -rf /var/lib/dualstack/went-back");
  await onFullDisk("/var/lib/dualstack", "64k", async () => {
    const said = await failure(withMistake(...MTU));
    expect(said).toMatch(
      /error: cannot keep the old network in \/var\/lib\/dualstack; nothing was changed. Free space:.* 100%/,
    );
  });
  await isBack();
});

test("an unwritable target: the host goes back to what it had", async () => {
  await on(
    NAME,
    "mount --bind /etc/systemd/network /etc/systemd/network && mount -o remount,ro,bind /etc/systemd/network",
  );
  try {
    expect(await failure(withMistake(...MTU))).toMatch(
      /cannot write \/etc\/systemd\/network\/05-dualstack-eth0.network/,
    );
  } finally {
    await on(NAME, "umount /etc/systemd/network");
  }
  await isBack();
});

test("two operators at once: the second is told who works, waits, and works on what the first one left", async () => {
  const first = withMistake(...MTU);
  const connection = await Connection.open(hostOf(NAME).ssh, credentials());
  const one = begin(first);
  await one.kept;
  const two = connection.runLine(commandLine("apply", STEP_SECONDS), print(good()));
  const { code, stderr } = await one.ended;
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("another run")]);
  await confirm(NAME, first);
  expect((await ask(NAME, first)).stdout).toBe("");
  const second = await two;
  connection.close();
  expect([second.code, second.code === 0 ? "" : second.stderr]).toEqual([0, ""]);
  expect(second.stderr).toMatch(
    /another run works on this host \(network, process \d+, since [\d:]+Z, by root from 192\.168\.111\.1; last sign of life \d+ s ago\): waiting for it/,
  );
  await confirm(NAME, good());
  expect((await ask(NAME, good())).stdout).toBe("");
  await on(NAME, "ip link set eth0 mtu 1500");
  await isBack();
});

test("a run without a change arms nothing and has nothing to confirm", async () => {
  const { code, stdout, stderr } = await ask(NAME, good());
  expect([code, stdout]).toEqual([0, ""]);
  expect(stderr).not.toMatch(/wrote|kept/);
  expect(await state(NAME)).toEqual(before);
});

test("what was given back is as it was at the start, and credentials stay out of every file on the host", async () => {
  const { code, stderr } = await ask(NAME, good(), "remove");
  expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
  const left = await on(
    NAME,
    "ls -d /var/lib/dualstack 2>/dev/null; grep -rl dualstack /etc/systemd /etc/sysctl.d /etc/modules-load.d || true",
  );
  expect(left).toBe("");
  expect(await on(NAME, "ip -6 -o address show dev eth0 scope global")).toBe("");
  expect(credentials().privateKey).toContain("PRIVATE KEY");
});
