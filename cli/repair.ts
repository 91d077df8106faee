/** `dualstack repair SPEC`: brings drifted hosts back to the plan. */
import type { Command } from "commander";
import { Files } from "../live/upstream";
import { driftCode, renderDrift } from "../plan/drift";
import { planCluster } from "../plan/plan";
import { loadSpec } from "../spec";
import { needHosts } from "./with-hosts";

export function registerRepair(program: Command): void {
  program
    .command("repair")
    .description("bring drifted hosts back: run the steps of pulumi up again, on the hosts that drifted and no others")
    .argument("<spec>", "YAML file of an environment, as it was last brought up")
    .addHelpText("after", HELP)
    .action(runRepair);
}

const HELP = `
'dualstack verify SPEC --hosts' shows beforehand what would be repaired. The steps take the same lock on the host as pulumi up, keep
what was there before, and a changed network goes back by itself unless new connections confirm it. Pulumi's state is not
touched: for it nothing has changed. What is not planned, such as another file's setting, is left alone and told.

Exit codes: 0 every host is as planned now, 1 some is not, or a step failed, 2 the spec has mistakes, 3 a host could not be asked.`;

async function runRepair(file: string): Promise<void> {
  const { spec } = loadSpec(file);
  needHosts(spec, "repair");
  const plan = planCluster(spec, new Files(spec.mirror));
  // loaded late: the other commands start faster without the SSH client
  const { readHosts } = require("../live/drift") as typeof import("../live/drift");
  const { credentialsOf } = require("../live/private-key") as typeof import("../live/private-key");
  const { repair } = require("../live/repair") as typeof import("../live/repair");
  const credentials = credentialsOf(spec);
  const { hosts, authority } = await readHosts(plan, credentials);
  process.stdout.write(renderDrift(hosts));
  process.exitCode = driftCode(hosts);
  if (hosts.every(({ state }) => state !== "drifted")) return;
  const onProgress = (line: string) => void process.stderr.write(`${line}\n`);
  const failed = await repair({ plan, drift: hosts, authority, credentials, onProgress });
  const { hosts: now } = await readHosts(plan, credentials);
  process.stdout.write(`\nafter the repair:\n${renderDrift(now)}`);
  process.exitCode = driftCode(now) || (failed.length > 0 ? 1 : 0);
}
