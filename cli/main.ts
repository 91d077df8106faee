/** The command `dualstack`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import pc from "picocolors";
import { SpecError } from "../spec";

/** Adds commands to the program. */
type Register = (program: Command) => void;

/**
 * The commands in the order of the help, each with the way to its module. Only what is asked for is loaded: all modules together
 * take longer than the check of a spec with hundreds of hosts.
 */
const COMMANDS: readonly (readonly [names: string, load: () => Register])[] = [
  ["init", () => (require("./init") as typeof import("./init")).registerInit],
  ["check", () => (require("./check") as typeof import("./check")).registerCheck],
  ["plan", () => (require("./plan") as typeof import("./plan")).registerPlan],
  ["diff", () => (require("./diff") as typeof import("./diff")).registerDiff],
  ["trust", () => (require("./trust") as typeof import("./trust")).registerTrust],
  ["preflight", () => (require("./preflight") as typeof import("./preflight")).registerPreflight],
  ["pr", () => (require("./pr") as typeof import("./pr")).registerPr],
  ["vendor", () => (require("./vendor") as typeof import("./vendor")).registerVendor],
  ["preview", () => (require("./preview") as typeof import("./preview")).registerPreview],
  ["up destroy", () => (require("./up") as typeof import("./up")).registerUp],
  ["verify", () => (require("./verify") as typeof import("./verify")).registerVerify],
  ["repair", () => (require("./repair") as typeof import("./repair")).registerRepair],
  ["lab", () => (require("./lab") as typeof import("./lab")).registerLab],
];

/** Exit code of a spec with mistakes, and of a wrong call. */
const MISTAKES = 2;

function version(): string {
  for (const folder of ["..", "../.."]) {
    try {
      return JSON.parse(readFileSync(join(__dirname, folder, "package.json"), "utf8")).version;
    } catch {}
  }
  return "unknown";
}

const program = new Command("dualstack")
  .description(
    "One YAML spec per environment becomes a live, verified IPv4+IPv6 Kubernetes cluster on plain Linux hosts.",
  )
  .version(version())
  .showHelpAfterError("(dualstack --help shows what there is)")
  .configureOutput({ outputError: (text, write) => write(pc.red(text)) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : MISTAKES));

const asked = COMMANDS.filter(([names]) => names.split(" ").includes(process.argv[2] ?? ""));
for (const [, load] of asked.length > 0 ? asked : COMMANDS) load()(program);

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error instanceof SpecError ? error.message : `${pc.red("error:")} ${error.message}`}\n`);
  if (process.env.DUALSTACK_DEBUG) process.stderr.write(`${error.stack}\n`);
  process.exitCode = error instanceof SpecError ? MISTAKES : 1;
});
