/** What hosts say while they work is told as they say it, and once. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applyNetwork } from "../../live/confirm";
import { repair } from "../../live/repair";
import { Connection, type SshResult } from "../../live/ssh";
import { planCluster } from "../../plan/plan";
import { parseSpec } from "../../spec";

const text = readFileSync(join(__dirname, "../plan/specs/dual.yaml"), "utf8");
const plan = planCluster(parseSpec(text, { file: "dual.yaml", today: "2026-11-21" }).spec);
const [first] = plan.hosts;
const { host, network } = first!;

/** Hosts that say these lines, then end with a code, one connection after the other. */
function saying(...ends: readonly (readonly [code: number, ...lines: string[]])[]): void {
  const open = jest.spyOn(Connection, "open");
  for (const [code, ...lines] of ends) {
    const runLine = async (_line: string, _stdin: string, onProgress?: (line: string) => void): Promise<SshResult> => {
      for (const line of lines) onProgress?.(line);
      return { code, stdout: "", stderr: lines.join("\n") };
    };
    open.mockResolvedValueOnce({ runLine, close: () => {} } as unknown as Connection);
  }
}
afterEach(() => jest.restoreAllMocks());

test("a network step tells for whom it waits", async () => {
  saying([0, "another run works on this host: waiting for it"]);
  const told: string[] = [];
  await applyNetwork({ host, network, credentials: {}, onProgress: (line) => told.push(line) });
  expect(told).toEqual(["another run works on this host: waiting for it"]);
});

const repaired = async () => {
  const told: string[] = [];
  const drift = [{ host: host.name, state: "drifted" as const, drift: [] }];
  const onProgress = (line: string) => told.push(line);
  const failed = await repair({ plan, drift, authority: undefined, credentials: {}, onProgress });
  return { told, failed };
};

test("a repair tells what every step says, with the host's name once", async () => {
  saying([0, "dualstack: cp-1: network ready"], [0, "dualstack: cp-1: wrote /etc/one"], [0, "dualstack: cp-1: done"]);
  const told = ["network ready", "wrote /etc/one", "done"].map((line) => `${host.name}: ${line}`);
  expect(await repaired()).toEqual({ told, failed: [] });
});

test("a repair that fails tells why once, whichever step it was", async () => {
  saying([1, "dualstack: cp-1: error: no gateway", "dualstack: cp-1: going back"]);
  expect(await repaired()).toEqual({
    told: [`${host.name}: error: no gateway`, `${host.name}: going back`],
    failed: [host.name],
  });
  saying([0], [1, "dualstack: cp-1: error: no room"]);
  expect(await repaired()).toEqual({
    told: [
      `${host.name}: error: no room`,
      expect.stringMatching(/^\S+: step system failed on \S+ port 22 \(code 1\)$/),
    ],
    failed: [host.name],
  });
});
