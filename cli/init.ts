/** `dualstack init`: writes a first spec, from flags or from the answers to questions. Chance and the clock are here and nowhere else. */
import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { FAMILIES, type Family, parseSpec, SpecError } from "../spec";
import { Address } from "../spec/addresses";
import { parseStarterHost, type Starter, type StarterHost, starterText } from "../spec/starter";

interface Flags {
  name?: string;
  families?: string;
  controlPlane: string[];
  worker: string[];
  gateway: string[];
  interface: string;
  endpoint?: string;
  out?: string;
  force?: true;
}

const collect = (value: string, before: string[]) => [...before, value];

export function registerInit(program: Command): void {
  program
    .command("init")
    .description("write a first spec, with a fresh unique local prefix (RFC 4193) for pods and services")
    .option("--name <name>", "name of the cluster")
    .option(
      "--families <list>",
      "ipv4,ipv6 or another order, or one of them; the primary one first (default: ipv4,ipv6)",
    )
    .option("--control-plane <host>", "name=address/prefix,address/prefix", collect, [])
    .option("--worker <host>", "the same; may be given several times", collect, [])
    .option("--gateway <address>", "the hosts' router; once for each family", collect, [])
    .option("--interface <name>", "the hosts' interface", "eth0")
    .option("--endpoint <name:port>", "where the Kubernetes API is reached, if not at the control plane")
    .option("--out <file>", "write into this file (default: standard output)")
    .option("--force", "write over a file that is there")
    .addHelpText("after", EXAMPLE)
    .action(async (flags: Flags) => {
      const complete = await answered(flags, ask);
      write(complete, starterText(starterOf(complete, randomBytes(5))));
    });
}

const EXAMPLE = `
Without --name or --control-plane it asks, when standard input is a terminal.

  dualstack init --name lab --control-plane cp-1=192.168.1.11/24,fd00:1::11/64 \\
    --worker worker-1=192.168.1.12/24,fd00:1::12/64 --gateway 192.168.1.1 --gateway fe80::1 --out stacks/lab.yaml

Exit codes: 0 written, 1 the file is there already or an answer is wrong.`;

export type Ask = (questions: readonly Question[]) => Promise<string[]>;

interface Question {
  readonly text: string;
  readonly default?: string;
}

/** The flags, and answers for those that a spec cannot do without. */
export async function answered(flags: Flags, askFor: Ask): Promise<Flags> {
  if (flags.name !== undefined && flags.controlPlane.length > 0) return flags;
  const [name, families, plane, workers, gateways, out] = await askFor([
    { text: "Name of the cluster", default: flags.name ?? "lab" },
    { text: "Address families, the primary one first", default: flags.families ?? "ipv4,ipv6" },
    { text: "Control plane, as name=address/prefix,address/prefix" },
    { text: "Workers in the same form, with blanks between them; may be empty", default: "" },
    { text: "The hosts' routers, with blanks between them; may be empty", default: "" },
    { text: "File to write", default: flags.out ?? "" },
  ]);
  const words = (text = "") => text.split(/\s+/).filter((word) => word !== "");
  return {
    ...flags,
    ...(name ? { name } : {}),
    ...(families ? { families } : {}),
    controlPlane: words(plane),
    worker: words(workers),
    gateway: words(gateways),
    ...(out ? { out } : {}),
  };
}

async function ask(questions: readonly Question[]): Promise<string[]> {
  if (!process.stdin.isTTY) throw new Error("give --name and --control-plane, or run this on a terminal to be asked");
  return askOn(process.stdin, process.stderr, questions);
}

/** One question after the other. Throws when the answers end before the questions do (Ctrl-C, Ctrl-D). */
export async function askOn(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  questions: readonly Question[],
): Promise<string[]> {
  const terminal = createInterface({ input, output });
  const closed = new Promise<never>((_, reject) => {
    terminal.once("close", () => reject(new Error("stopped; nothing was written")));
  });
  closed.catch(() => {});
  const answers: string[] = [];
  try {
    for (const { text, default: fallback } of questions) {
      const prompt = fallback ? `${text} [${fallback}]: ` : `${text}: `;
      const answer = await Promise.race([terminal.question(prompt), closed]);
      answers.push(answer.trim() || (fallback ?? ""));
    }
  } finally {
    terminal.close();
  }
  return answers;
}

/** Throws Error or AddressError for an answer that is wrong, and SpecError for what only the whole shows. */
export function starterOf(flags: Flags, globalId: Uint8Array): Starter {
  const hosts: StarterHost[] = [
    ...flags.controlPlane.map((text) => parseStarterHost("control-plane", text)),
    ...flags.worker.map((text) => parseStarterHost("worker", text)),
  ];
  const gateways = flags.gateway.map((text) => Address.parse(text));
  const schema = schemaPath(flags.out);
  const starter: Starter = {
    name: flags.name ?? "",
    families: familiesOf(flags.families ?? "ipv4,ipv6"),
    hosts,
    gateways: Object.fromEntries(gateways.map((one) => [one.family, one])),
    interfaceName: flags.interface,
    ...(flags.endpoint === undefined ? {} : { endpoint: flags.endpoint }),
    globalId,
    ...(schema === undefined ? {} : { schema }),
  };
  refuseMistakes(flags.out ?? "spec", starterText(starter));
  return starter;
}

function familiesOf(text: string): Family[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const known = words.filter((word): word is Family => (FAMILIES as readonly string[]).includes(word));
  if (known.length === words.length && known.length > 0 && new Set(known).size === known.length) return known;
  throw new Error(`${JSON.stringify(text)}: families are ipv4,ipv6 or ipv6,ipv4 or one of the two`);
}

/** Host keys are not known yet; every other mistake is one of the answers. */
function refuseMistakes(file: string, text: string): void {
  try {
    parseSpec(text, { file });
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const own = error.problems.filter(({ code, severity }) => severity === "error" && code !== "host-key-missing");
    if (own.length > 0) throw new SpecError(file, own);
  }
}

/** The schema as it lies beside this program, seen from the spec's folder; nothing when the two are far apart. */
function schemaPath(out: string | undefined): string | undefined {
  const schema = ["../docs/spec.schema.json", "../../docs/spec.schema.json"]
    .map((path) => join(__dirname, path))
    .find(existsSync);
  if (schema === undefined) return undefined;
  const path = relative(out === undefined ? process.cwd() : dirname(out), schema);
  return path.split("/").filter((step) => step === "..").length > 3 ? undefined : path;
}

function write({ out, force }: Flags, text: string): void {
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(out, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Error(`${out} is there already; give another --out, or --force to write over it`);
  }
  process.stderr.write(
    `${out} written; next: put the hosts' keys into known_hosts beside it, then dualstack check ${out}\n`,
  );
}
