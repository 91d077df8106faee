/** An example as its user has it: the packed package, installed beside nothing but its dependencies, run by a real engine. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const root = resolve(__dirname, "../..");

/** The example `name` in a folder of its own; `remove` takes it away. `surroundings` has the engine on its PATH. */
export function example(name: string, surroundings = process.env) {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  const program = join(folder, name);
  cpSync(join(root, "stacks/examples", name), program, { recursive: true });
  const env = {
    ...surroundings,
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const pulumi = (args: readonly string[], input = "") =>
    spawnSync("pulumi", [...args, "--non-interactive"], { cwd: program, env, encoding: "utf8", input });
  return {
    pulumi,
    install: () => install(folder, program),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What npm install would make: the unpacked package, and links to the packages that are installed here. */
function install(folder: string, program: string): void {
  const [packed] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--loglevel=silent", "--pack-destination", folder], {
      cwd: root,
      encoding: "utf8",
    }).replace(/^[^[]*/, ""),
  );
  const modules = join(program, "node_modules");
  const unpacked = join(modules, "dualstack");
  mkdirSync(unpacked, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, packed.filename), "--strip-components=1", "-C", unpacked]);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
}
