/** A user's own program: the packed package, installed beside nothing but its dependencies, previewed by a real engine. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

jest.setTimeout(240_000);
const root = resolve(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "own-program-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = {
  ...process.env,
  PULUMI_BACKEND_URL: `file://${folder}`,
  PULUMI_CONFIG_PASSPHRASE: "test",
  PULUMI_SKIP_UPDATE_CHECK: "true",
};
const program = join(folder, "own-program");

/** What npm install would make: the unpacked package, and links to the packages that are installed here. */
function install(): void {
  cpSync(join(root, "stacks/examples/own-program"), program, { recursive: true });
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--loglevel=silent", "--pack-destination", folder], {
      cwd: root,
      encoding: "utf8",
    }).replace(/^[^[]*/, ""),
  );
  const modules = join(program, "node_modules");
  mkdirSync(join(modules, "dualstack"), { recursive: true });
  execFileSync("tar", [
    "-xzf",
    join(folder, packed.filename),
    "--strip-components=1",
    "-C",
    join(modules, "dualstack"),
  ]);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
}

const pulumi = (...args: string[]) =>
  spawnSync("pulumi", [...args, "--non-interactive"], { cwd: program, env, encoding: "utf8" });

test("imports the package, and previews its hosts without touching one", () => {
  install();
  expect(pulumi("stack", "init", "test").status).toBe(0);
  expect(pulumi("config", "set", "--secret", "sshPrivateKey", "not a key").status).toBe(0);
  const { status, stdout, stderr } = pulumi("preview");
  expect([status, stderr]).toEqual([0, expect.anything()]);
  for (const name of ["cp-1-network", "cp-1-system", "cp-1-kubernetes", "worker-1-kubernetes", "Verification"]) {
    expect(stdout).toContain(name);
  }
  expect(stdout).toMatch(/\+ \d+ to create/);
});
