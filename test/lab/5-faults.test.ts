/** Faults on bare hosts: each ends with an error that names the host and the remedy, and a second run mends it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printDocument, type Step, script } from "../../hosts/document";
import { Connection } from "../../live/ssh";
import {
  deleteUser,
  LAB_FOLDER,
  LONG,
  labEnvironment,
  labSpec,
  on,
  privateKey,
  pulumi,
  run,
  SPEC_FILE,
} from "./harness";

const original = readFileSync(SPEC_FILE, "utf8");
afterAll(() => writeFileSync(SPEC_FILE, original));

const host = (name: string) => labSpec().hosts.find((each) => each.name === name)!;

/** Runs a step on the host outside, a bare machine that no cluster needs. */
async function runStep(step: Step, document = printDocument(step), action = "apply") {
  const outside = labSpec().verification.outside!;
  const connection = await Connection.open(outside.ssh, { privateKey: privateKey() });
  try {
    return await connection.run(["bash", "-s", action], `${script(step.name)}\nmain "$@"; exit\n${document}`);
  } finally {
    connection.close();
  }
}

const step: Step = {
  name: "network",
  values: [],
  files: [
    { path: "/etc/modules-load.d/dualstack.conf", mode: "0644", handler: "modules", text: "overlay\n" },
    { path: "/etc/sysctl.d/90-dualstack.conf", mode: "0644", handler: "sysctl", text: "net.ipv4.ip_forward = 1\n" },
  ],
};
const outside = () => labSpec().verification.outside!;

describe("a step on a host", () => {
  afterAll(() => runStep(step, undefined, "remove"));

  test("that was cut off while it was sent changes nothing", async () => {
    const whole = printDocument(step);
    const { code, stderr } = await runStep(step, whole.slice(0, whole.indexOf("net.ipv4")));
    expect(code).toBe(1);
    expect(stderr).toContain("outside: error: the connection was cut while the step was sent; nothing was changed");
    expect(
      await on(outside(), "ls /etc/modules-load.d/dualstack.conf /etc/sysctl.d/90-dualstack.conf 2>/dev/null || true"),
    ).toBe("");
  });

  test("with a full disk names the file and leaves no half of it; a second run mends it", async () => {
    await on(
      outside(),
      "mount -t tmpfs -o size=8k tmpfs /etc/sysctl.d && head -c 1M /dev/zero > /etc/sysctl.d/filler || true",
    );
    const full = await runStep(step);
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(
      /outside: error: cannot write \/etc\/sysctl.d\/90-dualstack.conf; the old file is untouched. Free space:.* 100%/,
    );
    expect(await on(outside(), "ls /etc/sysctl.d")).toBe("filler");
    await on(outside(), "umount /etc/sysctl.d");
    expect((await runStep(step)).code).toBe(0);
    expect(await on(outside(), "cat /etc/sysctl.d/90-dualstack.conf")).toBe("net.ipv4.ip_forward = 1");
  });

  test("run again writes nothing, and two runs at once take turns", async () => {
    const [one, two] = await Promise.all([runStep(step), runStep(step)]);
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(one.stderr + two.stderr).not.toContain("wrote");
  });

  test("takes away a file that is no longer planned, and gives back what was there before", async () => {
    await runStep(step, undefined, "remove");
    await on(
      outside(),
      "echo '# mine' > /etc/modules-load.d/dualstack.conf; chmod 640 /etc/modules-load.d/dualstack.conf",
    );
    expect((await runStep(step)).code).toBe(0);
    expect((await runStep(step, undefined, "remove")).code).toBe(0);
    expect(
      await on(outside(), "cat /etc/modules-load.d/dualstack.conf; stat -c %a /etc/modules-load.d/dualstack.conf"),
    ).toBe("# mine\n640");
    expect(await on(outside(), "ls /etc/sysctl.d/90-dualstack.conf /var/lib/dualstack 2>/dev/null || true")).toBe("");
    await on(outside(), "rm /etc/modules-load.d/dualstack.conf");
  });
});

describe("pulumi up", () => {
  const up = () => pulumi("up", "--yes", "--skip-preview");

  test(
    "refuses another host key than the pinned one, with both fingerprints",
    async () => {
      const worker = host("worker-1");
      const stranger = host("worker-2").ssh.hostKey;
      writeFileSync(
        SPEC_FILE,
        original.replace("  - name: worker-1\n", `  - name: worker-1\n    ssh: {hostKey: "${stranger}"}\n`),
      );
      const { code, output } = await up();
      writeFileSync(SPEC_FILE, original);
      expect(code).not.toBe(0);
      expect(output).toContain(worker.ssh.address);
      expect(output).toMatch(/SHA256:/);
      expect(await on(worker, "ls -d /var/lib/dualstack 2>/dev/null || true")).toBe("");
    },
    LONG,
  );

  test(
    "says who may not use sudo, and how to allow it",
    async () => {
      const worker = host("worker-1");
      await on(
        worker,
        "useradd -m plain; mkdir -p /home/plain/.ssh; cp /root/.ssh/authorized_keys /home/plain/.ssh/; chown -R plain /home/plain/.ssh; usermod -p '*' plain",
      );
      writeFileSync(
        SPEC_FILE,
        original.replace("  - name: worker-1\n", "  - name: worker-1\n    ssh: {user: plain}\n"),
      );
      const { code, output } = await up();
      writeFileSync(SPEC_FILE, original);
      await deleteUser(worker, "plain");
      expect(code).not.toBe(0);
      expect(output).toMatch(
        /error: plain may not use sudo on worker-1 without a password: allow it in \/etc\/sudoers.d/,
      );
    },
    LONG,
  );

  test(
    "names who has taken the API server's port, and goes on when it is free",
    async () => {
      const plane = host("cp-1");
      await on(plane, "systemd-run --unit=squatter --collect socat TCP6-LISTEN:6443,fork,reuseaddr EXEC:cat");
      const { code, output } = await up();
      await on(plane, "systemctl stop squatter");
      expect(code).not.toBe(0);
      expect(output).toMatch(/cp-1: error: port 6443 of the API server is taken on this host: .*socat/);
    },
    LONG,
  );

  test("says that the passphrase is wrong", async () => {
    const env = { ...(await labEnvironment()), PULUMI_CONFIG_PASSPHRASE: "not this one" };
    const { code, output } = await run(["pulumi", "preview", "--stack", "lab", "--non-interactive"], env);
    expect(code).not.toBe(0);
    expect(output).toMatch(/incorrect passphrase/);
  });

  test("the state holds no private key and no token in the clear", async () => {
    const { output } = await pulumi("stack", "export");
    expect(output).toContain("dualstack:index:Cluster");
    expect(output).not.toMatch(/PRIVATE KEY|client-key-data/);
    const [line] = readFileSync(join(LAB_FOLDER, "id_ed25519"), "utf8").split("\n").slice(1);
    expect(output).not.toContain(line);
  });
});
