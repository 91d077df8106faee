/** The script that looks at a host, in a real bash, and over a real connection. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Answers, printQuestions } from "../../hosts/look";
import { lookAtAll } from "../../live/look";
import { newKey, startSshd } from "../contract/fixture/sshd";

const folder = mkdtempSync(join(tmpdir(), "look-"));
afterAll(() => rmSync(folder, { recursive: true }));

function ask(...questions: string[]): Answers {
  const { status, stdout, stderr } = spawnSync("bash", ["-s", "look"], {
    input: printQuestions(questions),
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  return Answers.parse(stdout);
}

test("a file comes with mode, owner, size and every line; a link and a missing file are told apart", () => {
  const [text, link, none] = ["text", "link", "none"].map((name) => join(folder, name));
  const lines = "one\n\n  two blanks first\n$(touch x) `id` end 5\nend 5";
  writeFileSync(text!, lines);
  chmodSync(text!, 0o640);
  symlinkSync(text!, link!);
  const answers = ask(`file ${text}`, `file ${link}`, `file ${none}`);
  const { uid, gid } = userInfo();
  expect(answers.of(`file ${text}`)).toEqual([`640 ${uid}:${gid} ${lines.length}`, ...lines.split("\n")]);
  expect(answers.of(`file ${link}`)).toEqual(["symbolic link"]);
  expect(answers.of(`file ${none}`)).toEqual([]);
});

test("a setting comes with its value now, in either spelling; an unknown one is empty", () => {
  const type = readFileSync("/proc/sys/kernel/ostype", "utf8").trim();
  const answers = ask("sysctl kernel.ostype", "sysctl kernel/ostype", "sysctl net.no.such.key");
  expect(answers.of("sysctl kernel.ostype")[0]).toBe(type);
  expect(answers.of("sysctl kernel/ostype")[0]).toBe(type);
  expect(answers.of("sysctl net.no.such.key")[0]).toBe("");
});

test("programs and services that are not there are empty or unknown, and nothing stops at them", () => {
  const answers = ask(
    "version no-such-program",
    "service no-such.service",
    "step no-such-step",
    "module no-such-module",
    "file /etc/passwd",
  );
  expect(answers.of("version no-such-program")).toEqual([]);
  expect(answers.of("service no-such.service")[0]).not.toBe("enabled active");
  expect(answers.of("step no-such-step")).toEqual([]);
  expect(answers.of("module no-such-module")).toEqual([]);
  expect(answers.of("file /etc/passwd").join("\n")).toContain("root:");
  expect(answers.end).toBeGreaterThanOrEqual(answers.start);
  expect(Math.abs(answers.end - Date.now() / 1000)).toBeLessThan(60);
});

test("peers are asked all at once, and their answers do not mix", () => {
  const peers = Array.from({ length: 400 }, (_, i) => `peer 4 10.0.0.${i + 1} 1`);
  // peers that answer at the same moment
  const atOnce = "\nlook_peer() { printf 'full 1500\\n1 refused\\n'; }\nmain; exit\n";
  const input = printQuestions(peers).replace("\nmain; exit\n", () => atOnce);
  const { stdout } = spawnSync("bash", ["-s", "look"], { input, encoding: "utf8" });
  const answers = Answers.parse(stdout);
  expect(peers.filter((peer) => answers.of(peer).join() !== "full 1500,1 refused")).toEqual([]);
}, 60_000);

test("a peer that is there is pinged at the full size of the link, and its closed ports are told from filtered ones", () => {
  const answers = ask("peer 4 127.0.0.1 1,2");
  const [ping, ...ports] = answers.of("peer 4 127.0.0.1 1,2");
  expect(ping).toMatch(/^(full|small|none) 65536$/); // without ping: none
  expect(ports).toEqual(["1 refused", "2 refused"]);
}, 60_000);

test("every host is asked in one connection, and one that cannot be reached stops no other", async () => {
  const user = newKey();
  const hosts = await Promise.all([1, 2, 3].map(() => startSshd({ user })));
  try {
    const questions = ["file /etc/passwd"];
    const asked = hosts.map(({ connection: { host: address, port, hostKey } }, index) => ({
      ssh: { address, port, user: "root", hostKey: index === 1 ? newKey().public : hostKey },
      questions,
    }));
    const looks = await lookAtAll(asked, { privateKey: user.private });
    expect(hosts.map((host) => host.connections())).toEqual([1, 1, 1]);
    expect(hosts.map(({ ran }) => ran.length)).toEqual([1, 0, 1]);
    expect(looks[1]).toMatchObject({ problem: expect.stringContaining("the spec pins") });
    if (userInfo().uid === 0) expect(looks[2]).toHaveProperty("seen.answers");
  } finally {
    for (const host of hosts) await host.close();
  }
});

test("a host that cuts the connection is named with what to do", async () => {
  const host = await startSshd();
  host.started = () => host.cut();
  const { host: address, port, hostKey, privateKey } = host.connection;
  const [look] = await lookAtAll([{ ssh: { address, port, user: "root", hostKey }, questions: [] }], { privateKey });
  expect(look).toEqual({
    problem: `root@${address} port ${port}: the connection was lost while the host was asked; run it again`,
  });
  await host.close();
});
