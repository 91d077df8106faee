/** `dualstack lab down` leaves nothing behind. */
import { existsSync } from "node:fs";
import { dualstack, LAB_FOLDER, labEnvironment, run } from "./harness";

test("neither containers, networks nor files are left", async () => {
  const env = await labEnvironment();
  const { code, output } = await dualstack("lab", "down");
  expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
  expect(existsSync(LAB_FOLDER)).toBe(false);
  const status = JSON.parse((await dualstack("lab", "status", "--json")).output);
  expect(status.hosts).toEqual([]);
  const docker = await run(["docker", "ps", "-aq", "--filter", "label=dualstack.lab.name=lab"], env);
  // a daemon of the labs alone goes with the last of them; one that stays has nothing of this lab
  if (docker.code === 0) expect(docker.output).toBe("");
  const links = await run(["ip", "-o", "address"]);
  expect(links.output).not.toContain("192.168.101.1/");
});
