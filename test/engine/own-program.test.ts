/** A user's own program that makes a cluster: previewed by a real engine. */
import { example } from "./packed";

const { pulumi, install, remove } = example("own-program");
afterAll(remove);

test("imports the package, and previews its hosts without touching one", () => {
  install();
  expect(pulumi(["stack", "init", "test"]).status).toBe(0);
  expect(pulumi(["config", "set", "--secret", "sshPrivateKey", "not a key"]).status).toBe(0);
  const { status, stdout, stderr } = pulumi(["preview"]);
  expect([status, stderr]).toEqual([0, expect.anything()]);
  for (const name of ["cp-1-network", "cp-1-system", "cp-1-kubernetes", "worker-1-kubernetes", "Verification"]) {
    expect(stdout).toContain(name);
  }
  expect(stdout).toMatch(/\+ \d+ to create/);
});
