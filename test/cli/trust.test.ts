/** `dualstack trust` against real sshds: what is shown, what is written, and what is refused. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fingerprint } from "../../spec/host-key";
import { newKey, type Sshd, startSshd } from "../contract/fixture/sshd";

const folder = mkdtempSync(join(tmpdir(), "trust-"));
const [file, pins] = [join(folder, "t.yaml"), join(folder, "pins")];
const user = newKey();
let hosts: Sshd[];
beforeAll(async () => {
  hosts = await Promise.all([1, 2, 3].map(() => startSshd({ user })));
  writeFileSync(join(folder, "key"), user.private, { mode: 0o600 });
});
afterAll(async () => {
  for (const host of hosts) await host.close();
  rmSync(folder, { recursive: true });
});

function writeSpec(ssh: string): void {
  const host = (n: number, role: string) =>
    `  - {name: h-${n}, role: ${role}, ssh: {address: 127.0.0.1, port: ${hosts[n]!.connection.port}}, ` +
    `interfaces: [{name: eth0, ipv4: {address: 10.0.0.${n}/24, gateway: 10.0.0.254}}]}\n`;
  const start = `name: t\nnetwork: {families: [ipv4]}\nssh: {identityFile: key, ${ssh}}\nhosts:\n`;
  writeFileSync(file, `${start}${host(1, "control-plane")}${host(2, "worker")}`);
}

function dualstack(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, NO_COLOR: "1", SSH_AUTH_SOCK: "" };
  return new Promise((done) => {
    const child = execFile("node", ["bin/dualstack.js", ...args, file], { env }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }),
    );
    child.stdin?.end();
  });
}

const shown = (n: number) => fingerprint(hosts[n]!.connection.hostKey);

test("a spec without keys is pointed to trust, which pins what it shows, through a jump host too", async () => {
  writeSpec(`knownHosts: pins, jump: {address: 127.0.0.1, port: ${hosts[0]!.connection.port}, user: root}`);
  const check = await dualstack("check");
  expect(check).toMatchObject({ code: 2, err: expect.stringContaining(`'dualstack trust ${file}' shows the keys`) });

  const asked = await dualstack("trust");
  expect(asked.code).toBe(1);
  expect(asked.out).toContain(shown(0));
  expect(asked.out).not.toContain(shown(1)); // nothing is asked through a jump host that nobody has accepted
  expect(asked.err).toMatch(/nothing was pinned: run this on a terminal.*--yes/);

  const pinned = await dualstack("trust", "--yes");
  expect(pinned).toMatchObject({ code: 0, err: "" });
  for (const n of [0, 1, 2]) expect(pinned.out).toContain(shown(n));
  expect(statSync(pins).mode & 0o777).toBe(0o600);
  expect(await dualstack("check")).toMatchObject({ code: 0 });
  const before = readFileSync(pins, "utf8");
  expect(before.trim().split("\n")).toHaveLength(3);
  expect(await dualstack("trust")).toMatchObject({ code: 0, err: "" }); // nothing is new, so nothing is asked
  expect(readFileSync(pins, "utf8")).toBe(before);
  expect(hosts.flatMap(({ ran }) => ran)).toEqual([]);
}, 60_000);

test("a key that changed is shown, old and new, and the file stays; what is not reached is named", async () => {
  writeSpec("knownHosts: pins");
  const old = newKey().public;
  const name = `[127.0.0.1]:${hosts[1]!.connection.port}`;
  writeFileSync(pins, `# mine\n${name} ${old}\n`);
  const { code, out, err } = await dualstack("trust", "--yes");
  expect(code).toBe(1);
  expect(out).toMatch(/CHANGED\s.*h-1/);
  expect(err).toContain(`pinned  ssh-ed25519 ${fingerprint(old)}\n  shown   ssh-ed25519 ${shown(1)}`);
  expect(err).toContain(`ssh-keygen -R '${name}'`);
  const lines = readFileSync(pins, "utf8").trim().split("\n");
  expect(lines.slice(0, 2)).toEqual(["# mine", `${name} ${old}`]);
  expect(lines[2]).toBe(`[127.0.0.1]:${hosts[2]!.connection.port} ${hosts[2]!.connection.hostKey.trim()}`);

  await hosts[2]!.close();
  writeFileSync(pins, "");
  expect(await dualstack("trust", "--yes")).toMatchObject({
    code: 1,
    err: expect.stringMatching(/h-2: .*ECONNREFUSED/),
  });
  expect(readFileSync(pins, "utf8").trim().split("\n")).toHaveLength(1);
}, 60_000);

test("without a file for the keys it says how to name one", async () => {
  writeSpec("port: 22");
  expect(await dualstack("trust", "--yes")).toMatchObject({
    code: 1,
    err: expect.stringContaining("knownHosts: known_hosts"),
  });
}, 60_000);
