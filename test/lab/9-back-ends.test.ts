/** Every network service of a Linux host takes its addresses of both families from dualstack, and gets its own back. */
import { networkStep } from "../../hosts/network";
import type { Host } from "../../spec";
import { LONG, until } from "./harness";
import { networkLab } from "./safe";

const { ask, change, down, on, hostOf, restart, spec, state, up } = networkLab("births");

/** A host is called after the service with which it was born: each by its own, then each by another one, of which the first must let go. */
const HOSTS: readonly [name: string, backend: Host["backend"]][] = [
  ["networkd", "systemd-networkd"],
  ["manager", "NetworkManager"],
  ["netplan", "netplan"],
  ["ifupdown", "ifupdown"],
  ["manager", "netplan"],
  ["netplan", "ifupdown"],
  ["ifupdown", "systemd-networkd"],
  ["ifupdown", "NetworkManager"],
];

const ADDRESSES = "ip -o address show dev eth0 scope global | awk '{ print $4 }' | sort";
const ROUTES = "ip -4 route show default; ip -6 route show default";

beforeAll(up, LONG);
afterAll(down, 60_000);

/** Duplicate address detection may still be under way. */
async function settled(name: string, wanted: readonly string[]): Promise<void> {
  await until("the old state", async () => (await state(name)).join() === wanted.join(), 15).catch(() => {});
  expect(await state(name)).toEqual(wanted);
}

describe.each(HOSTS)("host %s, by %s", (name, backend) => {
  const step = () => networkStep(spec(), { ...hostOf(name), backend });
  let birth: string[];

  test("begins with IPv4 only", async () => {
    birth = await state(name);
    expect(await on(name, "ip -6 -o address show dev eth0 scope global")).toBe("");
  }, 30_000);

  test("gets its addresses and gateways of both families, and keeps SSH", async () => {
    await change(name, step());
    const wanted = step()
      .values.filter(([key]) => key === "address")
      .map(([, value]) => value.split(" ")[1]!);
    const found = (await on(name, ADDRESSES)).split("\n").map((each) => each.split("/")[0]!);
    expect(found.sort()).toEqual(wanted.sort());
    for (const [, value] of step().values.filter(([key]) => key === "gateway"))
      expect(await on(name, ROUTES)).toContain(`default via ${value.split(" ")[1]} dev eth0`);
  }, 120_000);

  test("a second run changes nothing", async () => {
    const before = await state(name);
    const { code, stdout, stderr } = await ask(name, step());
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).not.toMatch(/wrote|kept|gave back/);
    expect(await state(name)).toEqual(before);
  }, 60_000);

  test("is the same after a restart of the host", async () => {
    const before = await state(name);
    await restart(name);
    await settled(name, before);
  }, 120_000);

  test("gets its own network back", async () => {
    const { code, stderr } = await ask(name, step(), "remove");
    expect([code, code === 0 ? "" : stderr]).toEqual([0, ""]);
    await settled(name, birth);
  }, 120_000);
});
