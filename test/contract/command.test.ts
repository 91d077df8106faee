/** The contract of `command:remote:Command`, on which the components rely: a life, and what stays secret in it. */
import { remote } from "@pulumi/command";
import { secret } from "@pulumi/pulumi";
import { describeWithEngine, type Engine, startEngine } from "./fixture/engine";
import { type Sshd, startSshd } from "./fixture/sshd";

const canary = "canary-5f1c2a";

describeWithEngine("a remote command", () => {
  let sshd: Sshd;
  let engine: Engine;
  let seen: unknown[];
  beforeAll(async () => {
    [sshd, engine] = [await startSshd(), await startEngine("command")];
  });
  afterAll(async () => {
    await sshd.close();
    engine.remove();
  });
  beforeEach(() => {
    seen = [];
    sshd.ran.length = 0;
  });

  /** One step on the host; what the program learns of its output goes to `seen`. */
  const program = (args: Partial<remote.CommandArgs>) => async () => {
    const { connection } = sshd;
    const step = new remote.Command("step", { connection, ...lifeCycle, ...args });
    step.stdout.apply((text) => seen.push(text));
  };
  const lifeCycle = {
    create: "echo made; cat; echo noise >&2",
    update: "echo changed; cat",
    delete: "echo gone",
    triggers: ["a"],
  };
  const first = "one\ntwo\nthree\n";

  it("previews without touching the host, its output unknown", async () => {
    const run = await engine.preview(program({ stdin: first }));
    expect(run).toMatchObject({ failed: false, changes: { create: 2 } });
    expect([sshd.ran, seen]).toEqual([[], []]);
  });

  it("runs `create` with its standard input, and gives the output without its last newline", async () => {
    const run = await engine.up(program({ stdin: first }));
    expect(run).toMatchObject({ failed: false, changes: { create: 2 } });
    expect(sshd.ran).toMatchObject([{ command: lifeCycle.create, stdin: first }]);
    expect(seen).toEqual(["made\none\ntwo\nthree"]);
    const lines = run.events.filter((event) => event.diagnosticEvent?.urn?.endsWith("::step"));
    expect(lines.map((event) => event.diagnosticEvent!.message).join("")).toContain("noise");
  });

  it("does nothing when nothing changed", async () => {
    expect(await engine.up(program({ stdin: first }))).toMatchObject({ failed: false, changes: { same: 2 } });
    expect(sshd.ran).toEqual([]);
  });

  it("shows a changed line of the standard input in the preview", async () => {
    const run = await engine.preview(program({ stdin: "one\n2\nthree\n" }));
    expect(run).toMatchObject({ failed: false, changes: { update: 1 } });
    expect(run.text).toMatch(/^ *- +two$/m);
    expect(run.text).toMatch(/^ *\+ +2$/m);
    expect(run.text).not.toMatch(/^ *[-+] +three$/m);
    expect([sshd.ran, seen]).toEqual([[], []]);
  });

  it("runs `update` for any changed input, and hands it the previous output", async () => {
    const run = await engine.up(program({ stdin: "one\n2\n", environment: { LANGUAGE: "C" } }));
    expect(run).toMatchObject({ failed: false, changes: { update: 1 } });
    const environment = {
      LANGUAGE: "C",
      PULUMI_COMMAND_STDOUT: "made\none\ntwo\nthree",
      PULUMI_COMMAND_STDERR: "noise",
    };
    expect(sshd.ran).toMatchObject([{ command: lifeCycle.update, stdin: "one\n2\n", environment }]);
    expect(seen).toEqual(["changed\none\n2"]);
  });

  it("keeps a failed update out of the state, and shows what the command printed", async () => {
    const run = await engine.up(program({ update: "echo half; echo why >&2; exit 3" }));
    expect(run.failed).toBe(true);
    expect(run.text).toMatch(/Process exited with status 3: running "echo half; echo why >&2; exit 3"/);
    expect(run.text).toMatch(/half[\s\S]*why/);
    expect(await engine.preview(program({}))).toMatchObject({ changes: { update: 1 } });
  });

  it("stores no secret in the clear: not the connection, not a secret standard input", async () => {
    const run = await engine.up(program({ stdin: secret(canary), update: "wc -c", logging: "none" }));
    expect(run.failed).toBe(false);
    expect(sshd.ran).toMatchObject([{ stdin: canary }]);
    const stored = engine.stored();
    expect(stored).toContain("ciphertext");
    for (const hidden of [canary, "PRIVATE KEY", sshd.connection.hostKey]) {
      expect([stored.includes(hidden), run.text.includes(hidden)]).toEqual([false, false]);
    }
  });

  it("replaces when triggers change, although there is an `update`", async () => {
    const run = await engine.up(program({ stdin: secret(canary), update: "wc -c", logging: "none", triggers: ["b"] }));
    expect(run).toMatchObject({ failed: false, changes: { replace: 1 } });
    expect(sshd.ran.map(({ command }) => command)).toEqual([lifeCycle.create, lifeCycle.delete]);
  });

  it("runs `delete` with the inputs of the last success", async () => {
    expect((await engine.destroy()).failed).toBe(false);
    expect(sshd.ran).toMatchObject([{ command: lifeCycle.delete, stdin: canary }]);
  });

  it("deletes without a `delete` by doing nothing", async () => {
    const { connection } = sshd;
    await engine.up(async () => void new remote.Command("bare", { connection, create: "true" }));
    sshd.ran.length = 0;
    expect((await engine.destroy()).failed).toBe(false);
    expect(sshd.ran).toEqual([]);
  });
});
