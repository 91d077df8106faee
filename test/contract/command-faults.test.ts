/** What `command:remote:Command` does when host, network or engine fail: it says where and why, and can be run again. */
import { remote } from "@pulumi/command";
import { describeWithEngine, type Engine, isDouble, startEngine } from "./fixture/engine";
import { closedPort, newKey, type Sshd, startSshd } from "./fixture/sshd";

describeWithEngine("a remote command on bad terms", () => {
  let sshd: Sshd;
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine("command");
  });
  beforeEach(async () => {
    sshd = await startSshd();
  });
  afterEach(() => sshd.close());
  afterAll(() => engine.remove());

  /** Few and quick attempts, so that a failure shows soon. */
  const program =
    (connection: object, create = "echo made") =>
    async () => {
      const patience = { dialErrorLimit: 1, perDialTimeout: 2 };
      new remote.Command("step", { connection: { ...sshd.connection, ...patience, ...connection }, create });
    };

  /** It failed, said why, ran nothing, and left nothing behind in the state. */
  async function expectFailure(connection: object, ...reasons: (string | RegExp)[]) {
    const run = await engine.up(program(connection));
    expect(run.failed).toBe(true);
    for (const reason of reasons) expect(run.text).toMatch(reason);
    expect(sshd.ran).toEqual([]);
    expect(await engine.resources()).toEqual([]);
  }
  const doubleOnly = isDouble("command") ? it : it.skip;
  const address = () => `${sshd.connection.host}:${sshd.connection.port}`;

  it("refuses a host with another key", async () => {
    await expectFailure({ hostKey: newKey().public }, /host key mismatch/);
  });

  doubleOnly("names both fingerprints and the way out when the host key is another", async () => {
    await expectFailure({ hostKey: newKey().public }, address(), /expected ssh-ed25519 SHA256:\S+, the host showed/);
  });

  doubleOnly("refuses to connect without a pinned host key", async () => {
    await expectFailure({ hostKey: undefined }, /missing 'hostKey' for host 127\.0\.0\.1/);
  });

  it("says that the user's key was not accepted", async () => {
    const reasons = [/after \d+ failed attempts/, /unable to authenticate/];
    await expectFailure({ privateKey: newKey().private }, ...reasons, ...(isDouble("command") ? [address()] : []));
  });

  it("gives up on a port where nobody listens, and names it", async () => {
    const port = await closedPort();
    await expectFailure({ port }, `127.0.0.1:${port}`);
  });

  // The official plugin bounds the TCP connection only and waits here for ever.
  doubleOnly("gives up on a host that never finishes authentication", async () => {
    sshd.faults.hangOnAuthentication = true;
    await expectFailure({ perDialTimeout: 1 }, address(), /no answer within 1 s/);
  });

  it("tries again while the host does not yet answer, within the limit of dial errors", async () => {
    sshd.faults.refuse = 2;
    expect(await engine.up(program({ dialErrorLimit: 3 }))).toMatchObject({ failed: false });
    expect(sshd.ran).toHaveLength(1);
    expect((await engine.destroy()).failed).toBe(false);
  });

  it("reaches a host through a proxy, and checks the keys of both", async () => {
    const bastion = await startSshd();
    try {
      const proxy = { ...bastion.connection, dialErrorLimit: 1 };
      await expectFailure({ proxy: { ...proxy, hostKey: newKey().public } }, /host key mismatch/);
      await expectFailure({ proxy, hostKey: newKey().public }, /host key mismatch/);
      expect(await engine.up(program({ proxy }))).toMatchObject({ failed: false });
      expect((await engine.destroy()).failed).toBe(false);
      expect([sshd.ran.length, bastion.ran.length]).toEqual([1, 0]);
      await until(() => sshd.open() + bastion.open() === 0);
    } finally {
      await bastion.close();
    }
  });

  it("says at once that a private key cannot be read", async () => {
    await expectFailure({ privateKey: "not a key", dialErrorLimit: -1 }, /key/);
  });

  it("reports a connection that breaks in the middle, and does it all again next time", async () => {
    sshd.started = () => sshd.cut();
    const run = await engine.up(program({}, "echo half; sleep 60"));
    expect(run.failed).toBe(true);
    expect(run.text).toMatch(/without exit status or exit signal|connection lost/);
    sshd.started = () => {};
    expect(await engine.up(program({}))).toMatchObject({ failed: false });
    expect((await engine.destroy()).failed).toBe(false);
  });

  it("lets go of the host when the engine is killed, and runs again after `pulumi cancel`", async () => {
    sshd.started = () => engine.kill();
    expect((await engine.up(program({}, "sleep 60"))).failed).toBe(true);
    if (isDouble("command")) await until(() => sshd.open() === 0);
    sshd.started = () => {};
    await engine.unlock();
    expect(await engine.up(program({}))).toMatchObject({ failed: false });
    expect((await engine.destroy()).failed).toBe(false);
  });

  it("closes each connection when its command is done", async () => {
    expect((await engine.up(program({}))).failed).toBe(false);
    await until(() => sshd.open() === 0);
    expect((await engine.destroy()).failed).toBe(false);
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries === 100) throw new Error("still not so after 10 s");
    await new Promise((done) => setTimeout(done, 100));
  }
}
