/**
 * Where the Pulumi stack of a lab lives: its configuration and, unless the user has chosen a back end, its state are in the
 * lab's folder, so that no file of the checkout changes and nothing is left when the lab goes.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Home } from "./home";
import type { Log } from "./log";
import { CHECKOUT, LABS_FOLDER } from "./paths";

/** Prepares the stack of the lab of the spec `file`; gives the variables with which plain `pulumi` commands in the checkout find it. */
export function makeStack(log: Log, home: Home, file: string): Record<string, string> {
  // every command of pulumi that has the option --config-file takes it from the environment
  return { PULUMI_OPTION_CONFIG_FILE: stackConfig(home, file), ...backEnd(log, home) };
}

/**
 * The stack's configuration: it names the spec, and Pulumi adds the salt of its passphrase. `pulumi stack init` knows no
 * --config-file and writes beside the project, so a project of the same name lies there for it.
 */
function stackConfig({ folder, name }: Home, file: string): string {
  const { name: project } = parse(readFileSync(join(CHECKOUT, "Pulumi.yaml"), "utf8")) as { name: string };
  writeFileSync(join(folder, "Pulumi.yaml"), stringify({ name: project, runtime: "nodejs" }));
  const target = join(folder, `Pulumi.${name}.yaml`);
  const there = existsSync(target) ? (parse(readFileSync(target, "utf8")) as object) : {};
  writeFileSync(target, stringify({ ...there, config: { [`${project}:spec`]: file } }));
  return target;
}

/** State of the lab in its folder with a passphrase of no worth, unless the user has chosen a back end in one of Pulumi's ways. */
function backEnd(log: Log, { folder }: Home): Record<string, string> {
  const chosen = process.env.PULUMI_BACKEND_URL ?? (process.env.PULUMI_ACCESS_TOKEN ? "Pulumi Cloud" : loggedInto());
  const ours = `file://${join(folder, "state")}`;
  // a shell with the environment of another lab of this checkout has chosen nothing
  if (chosen !== undefined && !chosen.startsWith(`file://${LABS_FOLDER}/`)) {
    log.line(`pulumi state: in the back end of your choice (${chosen})`);
    return {};
  }
  mkdirSync(join(folder, "state"), { recursive: true });
  const { PULUMI_CONFIG_PASSPHRASE: phrase, PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile } = process.env;
  const passphrase =
    phrase === undefined && passphraseFile === undefined ? { PULUMI_CONFIG_PASSPHRASE: "dualstack-lab" } : {};
  return { PULUMI_BACKEND_URL: ours, ...passphrase };
}

/** The back end of `pulumi login`. */
function loggedInto(): string | undefined {
  const file = join(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "credentials.json");
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { current?: string }).current || undefined;
}
