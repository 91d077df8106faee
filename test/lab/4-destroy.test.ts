/** `pulumi destroy` gives bare hosts back. */
import { bare } from "./bare";
import { LONG, labSpec, on, pulumi, STATE_OF_A_HOST } from "./harness";

test(
  "destroy ends well",
  async () => {
    const { code, output } = await pulumi("destroy", "--yes", "--skip-preview");
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
  },
  LONG,
);

test.each(["cp-1", "worker-1", "worker-2"])("%s is as it was before dualstack", async (name) => {
  const host = labSpec().hosts.find((each) => each.name === name)!;
  const now = await on(host, STATE_OF_A_HOST);
  expect(now.split("\n")).toEqual(bare()[name]?.split("\n"));
});
