/** An environment: the project that `pulumi` would find from here, the spec in it, and the spec that its stack keeps. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import type { Credentials } from "../../live/ssh";
import { type ClusterSpec, loadSpec } from "../../spec";
import { readKept, shared } from "../../spec/keep";
import { pulumi, type Target } from "./engine";

export interface Environment extends Target {
  /** Of the spec, from here. */
  readonly file: string;
  /** As it is kept by a stack. */
  readonly spec: ClusterSpec;
}

/** Throws SpecError for mistakes in the spec, Error when there is no project. */
export function environmentOf(name: string): Environment {
  if (!/^[\w.-]+$/.test(name)) throw new Error(`${name}: name an environment, such as prod for stacks/prod.yaml`);
  const root = projectOf(process.cwd());
  const file = relative(process.cwd(), specFile(root, name));
  return { root, stack: name, file, spec: shared(loadSpec(file).spec) };
}

/** The nearest folder with a Pulumi.yaml, as `pulumi` looks for it. */
function projectOf(folder: string): string {
  if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("there is no Pulumi.yaml here or above: go to the folder of the project");
  return projectOf(parent);
}

/** As the program (index.ts) finds it: what the stack's configuration names as `spec`, else the stack's name. */
function specFile(root: string, stack: string): string {
  const named = setting(root, stack, "spec");
  return typeof named === "string" ? resolve(root, named) : join(root, "stacks", `${stack}.yaml`);
}

/** What the stack's configuration file says under a key of this project; a secret as it is written there, encrypted. */
function setting(root: string, stack: string, key: string): unknown {
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as { name: string; stackConfigDir?: string };
  const file = join(root, project.stackConfigDir ?? "", `Pulumi.${stack}.yaml`);
  const settings = existsSync(file)
    ? (parse(readFileSync(file, "utf8")) as { config?: Record<string, unknown> } | null)
    : null;
  return settings?.config?.[`${project.name}:${key}`];
}

/**
 * The private key that the stack's configuration holds, which the program (index.ts) takes before any other: decrypted by `pulumi`,
 * or `why` it cannot be had; undefined when there is none.
 */
export async function configuredKey(
  environment: Environment,
  stack: boolean,
): Promise<Credentials | { readonly why: string } | undefined> {
  const { root, stack: name } = environment;
  if (setting(root, name, "sshPrivateKey") === undefined) return undefined;
  const secret = `the private key is a secret of the stack ${name}`;
  if (!stack) return { why: `${secret}, which is not made yet` };
  const { code, stdout, stderr } = await pulumi(environment, "config", "get", "sshPrivateKey");
  return code === 0 ? { privateKey: stdout } : { why: `${secret}, and pulumi cannot read it: ${stderr.trim()}` };
}

/** What the state says of an environment. */
export interface Known {
  /** Whether there is a stack of this name. */
  readonly stack: boolean;
  /** The spec of the last complete run; undefined when there was none, or `why` it cannot be read. */
  readonly spec?: ClusterSpec;
  readonly why?: string;
}

/** Asks the state for the spec that runs. Throws Error when the state cannot be read. */
export async function knownOf(environment: Environment): Promise<Known> {
  const { code, stdout, stderr } = await pulumi(environment, "stack", "output", "applied", "--show-secrets");
  if (code === 0) {
    try {
      return { stack: true, spec: readKept(stdout) };
    } catch {
      return { stack: true, why: "the spec that runs was kept by another version of dualstack" };
    }
  }
  if (/no stack named/.test(stderr)) return { stack: false };
  if (/does not have output property/.test(stderr)) return { stack: true };
  throw new Error(`the state of ${environment.stack} cannot be read:\n${stderr.trim()}`);
}

/** Makes the stack of a new environment. */
export async function makeStack(environment: Environment): Promise<void> {
  const { code, stderr } = await pulumi(environment, "stack", "init", "--no-select");
  if (code !== 0) throw new Error(`no stack could be made for ${environment.stack}:\n${stderr.trim()}`);
}
