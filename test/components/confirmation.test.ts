/** What the hooks of a host's commands wait for. */
import type * as pulumi from "@pulumi/pulumi";
import { log } from "@pulumi/pulumi";
import { Confirmation } from "../../components/confirmation";
import * as live from "../../live/confirm";
import type { HostPlan } from "../../plan/plan";

jest.mock("../../live/confirm");
jest.mock("@pulumi/pulumi", () => ({ ...jest.requireActual("@pulumi/pulumi"), log: { info: jest.fn() } }));
const { confirmNetwork, applyNetwork } = jest.mocked(live);

const plan = { host: { name: "worker-1" }, network: { name: "network", files: [], values: [] } } as unknown as HostPlan;
const printed = (stdout: string) => ({ newOutputs: { stdout } }) as unknown as pulumi.ResourceHookArgs;
const confirmed: live.Confirmed = { proven: ["ipv6"], left: ["ipv4"], untried: [] };
const settled = async (work: Promise<void>) => {
  const late = new Promise<string>((done) => setTimeout(() => done("waits"), 50));
  return Promise.race([late, work.then(() => "done")]);
};

afterEach(() => jest.resetAllMocks());

test("the hook after a network's command holds the engine up for nothing; the one before the system waits for the proof", async () => {
  const confirmation = new Confirmation(plan, {});
  let prove = (_: live.Confirmed) => {};
  confirmNetwork.mockReturnValue(new Promise((done) => (prove = done)));
  expect(await settled(confirmation.afterNetwork(printed("ipv4\nipv6\n")))).toBe("done");
  const [system, other] = [confirmation.beforeSystem(), confirmation.beforeOther()];
  expect([await settled(system), await settled(other)]).toEqual(["waits", "waits"]);
  prove(confirmed);
  await Promise.all([system, other]);
  expect([confirmNetwork.mock.calls.length, applyNetwork.mock.calls.length]).toEqual([1, 0]);
});

test("a network that is not confirmed stops the system of its host, and the networks of the others", async () => {
  const confirmation = new Confirmation(plan, {});
  confirmNetwork.mockRejectedValue(new Error("no way in over ipv6"));
  await confirmation.afterNetwork(printed("ipv6\n"));
  await expect(confirmation.beforeSystem()).rejects.toThrow("no way in over ipv6");
  await expect(confirmation.beforeOther()).rejects.toThrow("no way in over ipv6");
});

test("a network with nothing to prove is not asked again; one of an earlier run is applied once more", async () => {
  const [changed, untouched] = [new Confirmation(plan, {}), new Confirmation(plan, {})];
  await changed.afterNetwork(printed(""));
  await changed.beforeSystem();
  expect(applyNetwork).not.toHaveBeenCalled();
  applyNetwork.mockResolvedValue("ipv6");
  confirmNetwork.mockResolvedValue(confirmed);
  await untouched.beforeOther();
  expect(applyNetwork).not.toHaveBeenCalled();
  await untouched.beforeSystem();
  expect([applyNetwork.mock.calls.length, confirmNetwork.mock.calls.length]).toEqual([1, 1]);
});

test("what a host says while its network is applied once more is shown, but not that all is well", async () => {
  const waits = "dualstack: worker-1: another run works on this host (network, process 7): waiting for it";
  applyNetwork.mockImplementation(async ({ onProgress }) => {
    for (const line of [waits, "dualstack: worker-1: network ready"]) onProgress?.(line);
    return "";
  });
  await new Confirmation(plan, {}).beforeSystem();
  expect(jest.mocked(log.info).mock.calls).toEqual([[waits]]);
});
