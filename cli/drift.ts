/** `dualstack verify SPEC --hosts`: what on the hosts is not as planned. */

import { Files } from "../live/upstream";
import { driftCode, renderDrift, toJson } from "../plan/drift";
import { planCluster } from "../plan/plan";
import { loadSpec } from "../spec";
import { needHosts } from "./with-hosts";

/** Asks every host and prints what differs; sets the exit code. */
export async function runDrift(file: string, { json }: { json?: true }): Promise<void> {
  const { spec } = loadSpec(file);
  needHosts(spec, "read on hosts");
  // loaded late: the other commands start faster without the SSH client
  const { readHosts } = require("../live/drift") as typeof import("../live/drift");
  const { credentialsOf } = require("../live/private-key") as typeof import("../live/private-key");
  const { hosts } = await readHosts(planCluster(spec, new Files(spec.mirror)), credentialsOf(spec));
  process.stdout.write(
    json
      ? toJson(hosts)
      : `${renderDrift(hosts)}${driftCode(hosts) === 0 ? "" : `'dualstack repair ${file}' brings drifted hosts back\n`}`,
  );
  process.exitCode = driftCode(hosts);
}
