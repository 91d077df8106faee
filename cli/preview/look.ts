/** What a change does to what runs, seen three ways: by the spec that the stack keeps, by `pulumi preview`, and on the hosts. */
import { Files } from "../../live/upstream";
import { type Diff, diffSpecs } from "../../plan/diff";
import type { HostDrift } from "../../plan/drift";
import { planCluster } from "../../plan/plan";
import { loadSpec } from "../../spec";
import { runEngine } from "../up/engine";
import { type Environment, knownOf } from "../up/environment";
import { needHosts } from "../with-hosts";
import { type Agreement, compare } from "./agree";
import { type Planned, Preview } from "./planned";

export interface Seen {
  readonly diff: Diff;
  readonly planned: Planned;
  readonly agreement: Agreement;
  /** What the engine said when it made no preview. */
  readonly problem?: string;
  /** undefined: nobody asked, or nothing runs yet. */
  readonly drift?: readonly HostDrift[];
}

/** Throws Error when the state, or the spec in it, cannot be read. */
export async function look(environment: Environment, withDrift: boolean): Promise<Seen> {
  const known = await knownOf(environment);
  if (known.why !== undefined) throw new Error(`${known.why}: apply the change, or go back to that version`);
  const diff = diffSpecs(known.spec, environment.spec, new Files(environment.spec.mirror));
  const preview = new Preview();
  const none = { code: 0, stdout: "", stderr: "" };
  // a stack that is not there yet has no state to look at
  const [{ code, stdout, stderr }, drift] = await Promise.all([
    known.stack ? runEngine(environment, ["preview"], {}, (event) => preview.take(event)).ended : none,
    withDrift && known.spec !== undefined ? driftOf(environment, known.spec) : undefined,
  ]);
  const planned = preview.planned();
  const problem = code === 0 ? undefined : `${stdout}\n${stderr}`.trim();
  return { diff, planned, agreement: compare(diff, planned), ...(problem && { problem }), ...(drift && { drift }) };
}

/** Of the spec that runs, not of the one that is wanted. */
async function driftOf({ file }: Environment, running: Environment["spec"]): Promise<HostDrift[]> {
  needHosts(running, "read on hosts");
  const { readHosts } = require("../../live/drift") as typeof import("../../live/drift");
  const { credentialsOf } = require("../../live/private-key") as typeof import("../../live/private-key");
  const plan = planCluster(running, new Files(running.mirror));
  const { hosts } = await readHosts(plan, credentialsOf(loadSpec(file).spec));
  return [...hosts];
}
