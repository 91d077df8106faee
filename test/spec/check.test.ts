/** `dualstack check`, through the command line parser. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { stringify } from "yaml";
import { registerCheck } from "../../cli/check";
import { WHOLE } from "./whole";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "check-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

function check(spec: unknown, ...options: string[]) {
  const file = join(folder, "whole.yaml");
  writeFileSync(file, stringify(spec));
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    jest.spyOn(process[stream], "write").mockImplementation((text) => {
      written[stream] += String(text).replaceAll(file, "whole.yaml");
      return true;
    }),
  );
  const program = new Command();
  registerCheck(program);
  program.parse(["check", file, ...options], { from: "user" });
  for (const spy of spies) spy.mockRestore();
  return { ...written, code: process.exitCode ?? 0 };
}

const warned = { ...WHOLE, network: { ...WHOLE.network, services: { ipv4: "172.17.0.0/16", ipv6: "fd5d::/112" } } };
const wrong = { ...WHOLE, name: "Whole" };

test("a valid spec: one line and exit code 0", () => {
  expect(check(WHOLE)).toEqual({
    stdout: "whole.yaml: valid: cluster whole, 1 control plane and 0 workers, ipv4 + ipv6, Kubernetes 1.36.3\n",
    stderr: "",
    code: 0,
  });
});

test("warnings go to standard error and change no exit code", () => {
  const { stderr, stdout, code } = check(warned);
  expect(stderr).toMatch(/^whole\.yaml:\d+:\d+ warning: network\.services\.ipv4: 172\.17\.0\.0\/16: touches /);
  expect(stdout).toContain("valid");
  expect(code).toBe(0);
});

test("mistakes go to standard error, exit code 2", () => {
  const { stderr, stdout, code } = check(wrong);
  expect(stderr).toMatch(/^whole\.yaml:1:7 name: Whole: must be an RFC 1123 label/);
  expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
});

test("--against refuses what a running cluster cannot become", () => {
  const running = join(folder, "running.yaml");
  writeFileSync(running, stringify(WHOLE));
  expect(check(WHOLE, "--against", running)).toMatchObject({ stderr: "", code: 0 });
  const turned = { ...WHOLE, network: { ...WHOLE.network, families: ["ipv6", "ipv4"] } };
  const { stdout, stderr, code } = check(turned, "--against", running);
  expect({ stdout, code }).toEqual({ stdout: "", code: 2 });
  expect(stderr).toBe(
    "network.families: [ipv4, ipv6] -> [ipv6, ipv4]: service addresses and the certificate of the API follow the first family; " +
      "keep IPv4 first, or make a new cluster with it and move the workloads\n",
  );
  expect(JSON.parse(check(turned, "--against", running, "--json").stdout)).toMatchObject({
    valid: true,
    refused: [{ code: "primary-changed", path: "network.families" }],
  });
});

test("--json puts them on standard output", () => {
  const { stderr, stdout, code } = check(wrong, "--json");
  expect(JSON.parse(stdout)).toEqual({
    file: "whole.yaml",
    valid: false,
    errors: [
      expect.objectContaining({
        code: "name-form",
        severity: "error",
        line: 1,
        column: 7,
        path: "name",
        value: "Whole",
      }),
    ],
    warnings: [],
  });
  expect({ stderr, code }).toEqual({ stderr: "", code: 2 });
});
