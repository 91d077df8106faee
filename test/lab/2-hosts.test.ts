/** What the command sees on live hosts: drift and its repair, preflight, and the ways to reach a host. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Host } from "../../spec";
import { deleteUser, dualstack, labSpec, on, pulumi, SPEC_FILE } from "./harness";

const original = readFileSync(SPEC_FILE, "utf8");
const variant = join(dirname(SPEC_FILE), "lab-variant.yaml");
const folder = mkdtempSync(join(tmpdir(), "hosts-"));
afterAll(() => {
  writeFileSync(SPEC_FILE, original);
  rmSync(variant, { force: true });
  rmSync(folder, { recursive: true });
});

const hosts = () => labSpec().hosts;
const host = (name: string) => hosts().find((each) => each.name === name)!;
const json = (output: string) => JSON.parse(output.slice(output.indexOf("{")));

/** How often somebody has logged in, as the sshd of the host has noted it; looking is a log-in, too. */
const logins = async (of: Host) => Number(await on(of, "journalctl -q -t sshd -o cat | grep -c '^Accepted '"));

describe("drift", () => {
  test("hosts that pulumi made are as planned, and each is asked in one connection", async () => {
    const before = await Promise.all(hosts().map(logins));
    const { code, output } = await dualstack("verify", SPEC_FILE, "--hosts");
    expect(output).toContain("3 of 3 hosts are as planned\n");
    expect(code).toBe(0);
    const after = await Promise.all(hosts().map(logins));
    expect(after.map((count, index) => count - before[index]!)).toEqual([2, 2, 2]);
  });

  test("is shown host by host, equal drift once", async () => {
    const file = "/etc/sysctl.d/90-dualstack.conf";
    for (const name of ["worker-1", "worker-2"]) await on(host(name), "sysctl -w net.ipv6.conf.all.forwarding=0");
    await on(
      host("worker-2"),
      `sed -i 's/^net.ipv4.ip_forward = 1/net.ipv4.ip_forward = 0/' ${file}; chmod 600 ${file}; systemctl stop kubelet`,
    );
    await on(
      host("worker-1"),
      `echo net.ipv4.ip_forward=0 >/etc/sysctl.d/99-mine.conf; ip -6 address del ${host("worker-1").addresses.ipv6}/64 dev eth0`,
    );
    await on(host("worker-2"), "ip -6 route del default");
    try {
      const { code, output } = await dualstack("verify", SPEC_FILE, "--hosts");
      expect(code).toBe(1);
      expect(output).toMatch(/^worker-1, worker-2: sysctl net\.ipv6\.conf\.all\.forwarding: planned 1, found 0$/m);
      expect(output).toMatch(
        /^worker-1: sysctl net\.ipv4\.ip_forward: planned 1 at the next start, found 0 at the next start, by \/etc\/sysctl\.d\/99-mine\.conf$/m,
      );
      expect(output).toContain(`worker-2: file ${file}: planned its content`);
      expect(output).toMatch(/^ {4}- net\.ipv4\.ip_forward = 1\n {4}\+ net\.ipv4\.ip_forward = 0$/m);
      expect(output).toMatch(/^worker-2: service kubelet: planned enabled active, found enabled inactive$/m);
      expect(output).toContain(
        `worker-1: address eth0 ${host("worker-1").addresses.ipv6}/64: planned there, found missing\n`,
      );
      expect(output).toMatch(/^worker-2: route ipv6 default: planned via \S+ dev eth0, found none$/m);
      expect(output).toContain("1 of 3 hosts is as planned, 2 drifted\n");
      const machine = json((await dualstack("verify", SPEC_FILE, "--hosts", "--json")).output);
      expect(machine.exitCode).toBe(1);
      expect(machine.hosts.map(({ state }: { state: string }) => state)).toEqual(["clean", "drifted", "drifted"]);
    } finally {
      await on(host("worker-1"), "rm /etc/sysctl.d/99-mine.conf");
    }
  });

  test("is repaired by the steps themselves, on the drifted hosts only", async () => {
    const before = await logins(host("cp-1"));
    const { code, output } = await dualstack("repair", SPEC_FILE);
    expect([code, output]).toEqual([0, expect.stringContaining("3 of 3 hosts are as planned")]);
    expect(output).toMatch(/^worker-1: the changed network is confirmed over ipv4 ipv6 and stays$/m);
    // asked before, asked afterwards, and the look at the log itself
    expect((await logins(host("cp-1"))) - before).toBe(3);
    expect(await dualstack("verify", SPEC_FILE, "--hosts")).toMatchObject({ code: 0 });
    expect(await on(host("worker-2"), "systemctl is-active kubelet")).toBe("active");
  });

  test("a host that is down is named, and the others are still told", async () => {
    const { address, hostKey } = host("worker-2").ssh;
    writeFileSync(
      variant,
      original.replace(/( {2}- name: worker-2\n)/, `$1    ssh: {port: 2, hostKey: "${hostKey}"}\n`),
    );
    const { code, output } = await dualstack("verify", variant, "--hosts");
    expect(code).toBe(3);
    expect(output).toContain(`worker-2: not asked: root@${address} port 2: `);
    expect(output).toMatch(/Is the host up, the address right, port 2 open\?/);
    expect(output).toContain("2 of 3 hosts are as planned, 1 could not be asked");
  });
});

describe("preflight", () => {
  const preflight = async () => {
    const { code, output } = await dualstack("preflight", SPEC_FILE, "--json");
    const { findings } = json(output);
    return {
      code,
      found: findings.map(
        (one: { code: string; hosts: string[]; found: string }) => `${one.code} ${one.hosts}: ${one.found}`,
      ),
    };
  };

  test("finds nothing that stands in the way, and looks in one connection", async () => {
    const before = await logins(host("worker-1"));
    const { code, output } = await dualstack("preflight", SPEC_FILE);
    expect([code, output]).toEqual([0, expect.stringMatching(/\d\d checks passed, 0 errors/)]);
    expect((await logins(host("worker-1"))) - before).toBe(2);
  });

  const lost = ": packets of 1500 bytes are lost, small ones pass";
  test.each<[string, string, string, string[]]>([
    [
      "echo requests of ICMPv6 are filtered",
      "icmpv6 type echo-request drop",
      "icmp-filtered",
      ["cp-1,worker-2: worker-1 over ipv6: ping is filtered, TCP passes"],
    ],
    [
      "large packets are lost, in both directions, since the answers are as large",
      "meta nfproto ipv6 meta length 1400-65535 drop",
      "peer-mtu",
      [
        `cp-1,worker-2: worker-1 over ipv6${lost}`,
        `worker-1: cp-1 over ipv6${lost}`,
        `worker-1: worker-2 over ipv6${lost}`,
      ],
    ],
    [
      "kubelet's port is closed",
      "meta nfproto ipv6 tcp dport 10250 drop",
      "peer-port",
      ["cp-1,worker-2: worker-1 over ipv6: port 10250 filtered"],
    ],
  ])("%s", async (_, rule, code, found) => {
    const chain = "add chain inet broken in '{ type filter hook prerouting priority -300; }'";
    await on(host("worker-1"), `nft add table inet broken; nft ${chain}; nft add rule inet broken in ${rule}`);
    try {
      const said = await preflight();
      expect(said.code).toBe(1);
      const about = said.found.filter((line: string) => line.startsWith(code));
      expect(about.sort()).toEqual(found.map((line) => `${code} ${line}`));
    } finally {
      await on(host("worker-1"), "nft delete table inet broken");
    }
  });
});

describe("reach", () => {
  test("addresses of IPv6 are trusted and asked", async () => {
    const pins = join(folder, "pins");
    const six = original
      .replace(/knownHosts: [^,}]+/, `knownHosts: ${pins}`)
      .replace(/( {2}- name: (\S+)\n {4}role)/g, (whole, _line, name) =>
        whole.replace(/\n {4}role/, `\n    ssh: {address: "${host(name).addresses.ipv6}"}\n    role`),
      );
    writeFileSync(variant, six);
    expect(await dualstack("trust", variant)).toMatchObject({ code: 1, output: expect.stringContaining("--yes") });
    const { code, output } = await dualstack("trust", variant, "--yes");
    expect([code, output]).toEqual([0, expect.stringContaining("pinned 4 keys")]);
    expect(readFileSync(pins, "utf8")).toContain(`${host("worker-1").addresses.ipv6} ssh-ed25519 `);
    expect(await dualstack("verify", variant, "--hosts")).toMatchObject({
      code: 0,
      output: "3 of 3 hosts are as planned\n",
    });
  });

  test("a user who may not use sudo is told what to do", async () => {
    for (const each of hosts()) {
      await on(
        each,
        "id admin >/dev/null 2>&1 || useradd -m -s /bin/bash admin; install -d -o admin -m 700 ~admin/.ssh; install -o admin -m 600 ~/.ssh/authorized_keys ~admin/.ssh/",
      );
    }
    writeFileSync(variant, original.replace("user: root", "user: admin"));
    const { code, output } = await dualstack("verify", variant, "--hosts");
    expect(code).toBe(3);
    expect(output).toMatch(
      /worker-1: not asked: admin@\S+ port 22: .*admin may not use sudo on \S+ without a password: allow it in \/etc\/sudoers\.d/,
    );
  });

  test("pulumi and the command go through a jump host and sudo, with at most four connections to a host", async () => {
    const all = hosts(); // reached as root, whatever the file says meanwhile
    for (const each of all) await on(each, "echo 'admin ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/admin");
    const { ssh } = labSpec().verification.outside!;
    const through = original
      .replace("user: root", `user: admin, jump: {address: ${ssh.address}, user: root}`)
      .replace("outside: {name: outside,", "outside: {name: outside, ssh: {user: root, jump: none},");
    const before = await Promise.all(all.map(logins));
    writeFileSync(SPEC_FILE, through);
    try {
      const up = await pulumi("up", "--yes", "--skip-preview");
      expect([up.code, up.output]).toEqual([0, expect.stringMatching(/9 updated/)]);
      const counts = (await Promise.all(all.map(logins))).map((count, index) => count - before[index]! - 1);
      expect(Math.max(...counts)).toBeLessThanOrEqual(4);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
      const last = "journalctl -q -t sshd -o cat | grep '^Accepted publickey for admin' | tail -n 1";
      expect(await on(all[1]!, last)).toContain(`from ${ssh.address} `);
      expect(await dualstack("verify", SPEC_FILE, "--hosts")).toMatchObject({ code: 0 });
      expect(await dualstack("preflight", SPEC_FILE)).toMatchObject({ code: 0 });
    } finally {
      writeFileSync(SPEC_FILE, original);
      expect(await pulumi("up", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
      for (const each of all) await deleteUser(each, "admin");
    }
  }, 900_000);
});
