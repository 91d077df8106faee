/** `dualstack plan`, through the command line parser. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerPlan } from "../../cli/plan";
import { runCommand } from "./run";

const spec = join(__dirname, "../plan/specs/six-only.yaml");

const plan = (...args: string[]) => runCommand(registerPlan, "plan", spec, ...args);

test("--addresses shows the addresses alone, as text or as JSON", () => {
  expect(plan("--addresses")).toMatch(/^cluster six-only: ipv6\n[\s\S]*endpoint +https:\/\/\[fd00:10::11\]:6443\n/);
  expect(plan("--addresses")).not.toContain("kubeadm.yaml");
  expect(JSON.parse(plan("--addresses", "--json"))).toMatchObject({
    dns: "fd00:10:96::a",
    nodesLeft: 254,
    pods: [{ family: "ipv6", perNode: "18446744073709551614" }],
  });
});

test("no host has to be there yet: the same is planned without their keys", () => {
  const folder = mkdtempSync(join(tmpdir(), "plan-"));
  const file = join(folder, "six-only.yaml");
  const text = readFileSync(spec, "utf8");
  const without = text.replace(/^.*hostKey: .*\n/gm, "");
  expect(without).not.toBe(text);
  writeFileSync(file, without);
  expect(runCommand(registerPlan, "plan", file)).toBe(plan());
  rmSync(folder, { recursive: true });
});

test("the whole plan begins with the addresses, on screen and as files", () => {
  expect(plan()).toMatch(/^.*--- addresses\.txt.*\ncluster six-only/);
  const folder = mkdtempSync(join(tmpdir(), "plan-"));
  plan("--out", folder);
  expect(readFileSync(join(folder, "addresses.txt"), "utf8")).toBe(plan("--addresses"));
  expect(existsSync(join(folder, "hosts/cp-1/etc/dualstack/kubeadm.yaml"))).toBe(true);
  rmSync(folder, { recursive: true });
});
