import * as pulumi from "@pulumi/pulumi";
import { type Result, resultTable, summary } from "../live/results";
import { type ClusterPlan, digest } from "../plan/plan";
import { credentialsOf, known, type LoginArgs } from "./step";

/** Arguments of {@link Verification}. */
export interface VerificationArgs {
  plan: ClusterPlan;
  kubeconfig: pulumi.Output<string>;
  login: LoginArgs;
}

/**
 * The proof that a cluster works on every family. It runs before the resource counts as created or updated (a resource
 * hook), so a failed check fails the run, and the next run proves again; a plan that did not change is not proved again.
 */
export class Verification extends pulumi.ComponentResource {
  constructor(name: string, args: VerificationArgs, options?: pulumi.ComponentResourceOptions) {
    let results: Result[] | undefined;
    const prove = async () => {
      const { plan, login } = args;
      // loaded only when there is something to prove: the client is large
      const { verify } = require("../live/verify") as typeof import("../live/verify");
      const found = await verify({
        plan,
        kubeconfig: await known(args.kubeconfig),
        credentials: await credentialsOf(login),
      });
      if (found.some(({ ok }) => !ok))
        throw new Error(`the cluster does not hold what the spec promises\n${resultTable(found)}`);
      // without the resource: its URN is known only after this hook
      await pulumi.log.info(summary(found));
      results = found;
    };
    const hooks = { beforeCreate: [prove], beforeUpdate: [prove] };
    super("dualstack:index:Verification", name, { plan: digest(args.plan) }, pulumi.mergeOptions(options, { hooks }));
    // for `dualstack up`, which shows them; a run that proved nothing has none
    this.registerOutputs({ results: this.urn.apply(() => results) });
  }
}
