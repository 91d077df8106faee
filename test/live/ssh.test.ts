/** Connections of the command itself: host keys, jump hosts, IPv6, and what is said when something is wrong. */
import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shownKey } from "../../live/shown-key";
import { Connection } from "../../live/ssh";
import type { Ssh } from "../../spec/types";
import { closedPort, newKey, type Sshd, startSshd } from "../contract/fixture/sshd";

const user = newKey();
const agent = process.env.SSH_AUTH_SOCK;
let host: Sshd;
let jump: Sshd;
beforeAll(async () => {
  delete process.env.SSH_AUTH_SOCK;
  [host, jump] = [await startSshd({ user }), await startSshd({ user })];
});
afterAll(async () => {
  if (agent !== undefined) process.env.SSH_AUTH_SOCK = agent;
  await host.close();
  await jump.close();
});

function ssh({ connection: { host: address, port, hostKey } }: Sshd): Ssh {
  return { address, port, user: "root", hostKey };
}
const credentials = { privateKey: user.private };

async function run(to: Ssh, line = "echo $((1 + 1)); cat") {
  const connection = await Connection.open(to, credentials);
  try {
    return await connection.runLine(line, "from stdin");
  } finally {
    connection.close();
  }
}

test("runs a line with its standard input, and gives the code and both outputs", async () => {
  expect(await run(ssh(host), "cat; echo no >&2; exit 3")).toEqual({ code: 3, stdout: "from stdin", stderr: "no\n" });
});

test("tells of the lines of standard error while the program runs", async () => {
  const connection = await Connection.open(ssh(host), credentials);
  const lines: string[] = [];
  let seen = () => {};
  const first = new Promise<void>((done) => (seen = done));
  const ended = connection.runLine("echo one >&2; sleep 0.3; echo two >&2; echo result", "", (line) => {
    lines.push(line);
    seen();
  });
  await Promise.race([first, ended]);
  expect(lines).toEqual(["one"]);
  expect(await ended).toEqual({ code: 0, stdout: "result\n", stderr: "one\ntwo\n" });
  expect(lines).toEqual(["one", "two"]);
  connection.close();
});

test("reaches a host through a jump host, with the key of each checked, and closes both", async () => {
  const there = { ...ssh(host), jump: ssh(jump) };
  expect((await run(there)).stdout).toBe("2\nfrom stdin");
  await gone();
  expect([host.ran.length > 0, jump.ran]).toEqual([true, []]);
  await expect(run({ ...there, hostKey: newKey().public })).rejects.toThrow(
    /the host shows the key SHA256:\S+, but the spec pins SHA256/,
  );
  const falseJump = { ...there, jump: { ...ssh(jump), hostKey: newKey().public } };
  await expect(run(falseJump)).rejects.toThrow(/^jump host of root@127\.0\.0\.1 .*the host shows the key/);
  await gone();
});

test("says which host a jump host cannot reach", async () => {
  const port = await closedPort();
  const there = { ...ssh(host), port, jump: ssh(jump) };
  await expect(run(there)).rejects.toThrow(`127.0.0.1 port ${port}`);
  await gone();
});

test("reaches an address of IPv6, without brackets", async () => {
  const six = await startSshd({ address: "::1", user });
  try {
    expect((await run(ssh(six))).stdout).toContain("from stdin");
    expect((await run({ ...ssh(six), jump: ssh(jump) })).stdout).toContain("from stdin");
  } finally {
    await six.close();
  }
});

test("a connection that breaks in the middle ends the program with no code", async () => {
  host.started = () => host.cut();
  expect(await run(ssh(host), "sleep 60")).toMatchObject({ code: -1 });
  host.started = () => {};
});

test("teaches about keys and agents that do not do", async () => {
  const open = (privateKey: string) => Connection.open(ssh(host), { privateKey });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const protectedKey = privateKey.export({ type: "pkcs1", format: "pem", cipher: "aes-256-cbc", passphrase: "x" });
  await expect(open(String(protectedKey))).rejects.toThrow(
    /protected by a passphrase: load it into an SSH agent \(ssh-add\)/,
  );
  await expect(open("no key")).rejects.toThrow(/is ssh\.identityFile a private key in OpenSSH or PEM form\?/);
  await expect(open(newKey().private)).rejects.toThrow(/refuses our key.*authorized_keys of root/);
  await expect(Connection.open(ssh(host), {})).rejects.toThrow(/no key and no agent.*ssh\.identityFile/);
  process.env.SSH_AUTH_SOCK = "/nonexistent/agent";
  await expect(Connection.open(ssh(host), {})).rejects.toThrow(
    /agent at SSH_AUTH_SOCK=\/nonexistent\/agent does not answer.*ssh-add/,
  );
  delete process.env.SSH_AUTH_SOCK;
  await expect(run({ ...ssh(host), port: await closedPort() })).rejects.toThrow(/ECONNREFUSED.*Is the host up/);
});

test("takes its key from an SSH agent", async () => {
  const folder = mkdtempSync(join(tmpdir(), "agent-"));
  const socket = join(folder, "socket");
  writeFileSync(join(folder, "key"), user.private, { mode: 0o600 });
  const running = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  try {
    while (!existsSync(socket)) await new Promise((again) => setTimeout(again, 20));
    process.env.SSH_AUTH_SOCK = socket;
    await expect(Connection.open(ssh(host), {})).rejects.toThrow(/refuses every key of the agent/);
    execFileSync("ssh-add", ["-q", join(folder, "key")], { env: { ...process.env } });
    const connection = await Connection.open({ ...ssh(host), jump: ssh(jump) }, {});
    expect(await connection.runLine("echo agent", "")).toMatchObject({ stdout: "agent\n" });
    connection.close();
    await gone();
  } finally {
    delete process.env.SSH_AUTH_SOCK;
    running.kill();
    rmSync(folder, { recursive: true });
  }
});

test("asks for the key that an sshd shows without logging in, through a jump host too", async () => {
  const before = host.ran.length;
  const unpinned = { ...ssh(host), hostKey: "not pinned yet" };
  expect(await shownKey(unpinned, {})).toBe(host.connection.hostKey.split(" ").slice(0, 2).join(" "));
  expect(await shownKey({ ...unpinned, jump: ssh(jump) }, credentials)).toBe(await shownKey(unpinned, {}));
  expect(host.ran.length).toBe(before);
  const falseJump = { ...ssh(jump), hostKey: newKey().public };
  await expect(shownKey({ ...unpinned, jump: falseJump }, credentials)).rejects.toThrow(/but the spec pins/);
  await gone();
});

async function gone(): Promise<void> {
  for (let tries = 0; host.open() + jump.open() > 0; tries++) {
    if (tries > 50) throw new Error(`still open after 5 s: ${host.open()} and ${jump.open()}`);
    await new Promise((again) => setTimeout(again, 100));
  }
}
