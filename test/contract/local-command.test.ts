/** The contract of `command:local:Command`, by which kind is run: a life, and what stays secret in it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@pulumi/command";
import { describeWithEngine, type Engine, startEngine } from "./fixture/engine";

const canary = "canary-77d1e0";

describeWithEngine("a local command", () => {
  const folder = mkdtempSync(join(tmpdir(), "dualstack-local-"));
  const trace = join(folder, "trace");
  writeFileSync(join(folder, "kubeconfig"), `${canary}\n`);
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine("command");
  });
  afterAll(() => {
    engine.remove();
    rmSync(folder, { recursive: true });
  });

  let seen: unknown[] = [];
  beforeEach(() => {
    seen = [];
  });
  /** Each step leaves a line with what it was told. */
  const program =
    (stdin: string, environment: Record<string, string> = { NAME: "one" }) =>
    async () => {
      const step = new local.Command(
        "step",
        {
          create: `echo "made $NAME $(cat)" >> ${trace}; echo noise >&2; cat ${folder}/kubeconfig; [ "$NAME" != wrong ]`,
          delete: `echo "gone $NAME" >> ${trace}`,
          stdin,
          environment,
          logging: local.Logging.Stderr,
          addPreviousOutputInEnv: false,
        },
        { additionalSecretOutputs: ["stdout"] },
      );
      step.stdout.apply((text) => seen.push(text));
    };
  const done = () => readFileSync(trace, "utf8").trim().split("\n");

  it("gets its standard input and its environment, and gives its output without the last newline", async () => {
    const run = await engine.up(program("a"));
    expect(run).toMatchObject({ failed: false, changes: { create: 2 } });
    expect(done()).toEqual(["made one a"]);
    expect(seen).toEqual([canary]);
    const told = run.events.filter((event) => event.diagnosticEvent?.urn?.endsWith("::step"));
    expect(told.map((event) => event.diagnosticEvent!.message).join("")).toContain("noise");
    expect([engine.stored().includes(canary), run.text.includes(canary)]).toEqual([false, false]);
  });

  it("does nothing when nothing changed", async () => {
    expect(await engine.up(program("a"))).toMatchObject({ failed: false, changes: { same: 2 } });
    expect(done()).toHaveLength(1);
  });

  it("runs `create` again, and does not delete, when an input changed", async () => {
    expect(await engine.up(program("b"))).toMatchObject({ failed: false, changes: { update: 1 } });
    expect(done()).toEqual(["made one a", "made one b"]);
  });

  it("fails the run when the command fails", async () => {
    expect(await engine.up(program("b", { NAME: "wrong" }))).toMatchObject({ failed: true });
    expect(done().at(-1)).toBe("made wrong b");
  });

  it("runs `delete` with the inputs of the last good run", async () => {
    expect(await engine.up(async () => {})).toMatchObject({ failed: false });
    expect(done().at(-1)).toBe("gone one");
  });
});
