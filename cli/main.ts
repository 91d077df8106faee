/** The command `dualstack`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import pc from "picocolors";
import { SpecError } from "../spec";
import { registerCheck } from "./check";
import { registerDiff } from "./diff";
import { registerInit } from "./init";
import { registerLab } from "./lab";
import { registerPlan } from "./plan";
import { registerPr } from "./pr";
import { registerPreview } from "./preview";
import { registerTrust } from "./trust";
import { registerUp } from "./up";
import { registerVendor } from "./vendor";
import { registerVerify } from "./verify";

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

registerInit(program);
registerCheck(program);
registerPlan(program);
registerDiff(program);
registerTrust(program);
registerPr(program);
registerPreview(program);
registerUp(program);
registerVendor(program);
registerVerify(program);
registerLab(program);

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error instanceof SpecError ? error.message : `${pc.red("error:")} ${error.message}`}\n`);
  if (process.env.DUALSTACK_DEBUG) process.stderr.write(`${error.stack}\n`);
  process.exitCode = error instanceof SpecError ? MISTAKES : 1;
});
