/**
 * A changed network is confirmed by new connections, from hooks of the commands: a hook after the network's command opens them,
 * one before the system's command stops the run where that failed. The engine keeps a resource whose hook failed afterwards as
 * made, so the failure must be the system's: its document names the network's, and only both together count as done.
 */
import * as pulumi from "@pulumi/pulumi";
import type { Confirmed } from "../live/confirm";
import type { HostPlan } from "../plan/plan";
import { credentialsOf, known, type LoginArgs } from "./step";

export class Confirmation {
  private outcome: "not run" | "in place" | Error = "not run";

  constructor(
    private readonly plan: HostPlan,
    private readonly login: LoginArgs,
  ) {}

  /** After the network's command: proves what it printed that has to be proven. */
  readonly afterNetwork = async ({ newOutputs }: pulumi.ResourceHookArgs): Promise<void> => {
    const waiting = (await known(pulumi.output(newOutputs?.stdout as string | undefined))) ?? "";
    this.outcome = await this.confirm(waiting).catch((error: Error) => error);
  };

  /** Before the system's command. A network that this run did not touch may have gone back since: it is applied again. */
  readonly beforeSystem = async (): Promise<void> => {
    if (this.outcome === "not run") this.outcome = await this.applyAgain().catch((error: Error) => error);
    this.refuse();
  };

  /** Before the network's command of another host: the same mistake shall not cut off all of them. */
  readonly beforeOther = async (): Promise<void> => this.refuse();

  private refuse(): void {
    if (this.outcome instanceof Error) throw this.outcome;
  }

  private async applyAgain() {
    // loaded only when there is something to do
    const { applyNetwork } = require("../live/confirm") as typeof import("../live/confirm");
    return this.confirm(await applyNetwork(await this.options()));
  }

  private async confirm(waiting: string): Promise<"in place"> {
    if (waiting === "") return "in place";
    const { confirmNetwork } = require("../live/confirm") as typeof import("../live/confirm");
    // without the resource: its URN may be known only after this hook
    await pulumi.log.info(told(this.plan.host.name, await confirmNetwork(await this.options())));
    return "in place";
  }

  private async options() {
    const { host, network } = this.plan;
    return { host, network, credentials: await credentialsOf(this.login) };
  }
}

function told(name: string, { proven, left, untried }: Confirmed): string {
  return [
    `${name}: the changed network answers new connections${[...proven].map((family) => ` over ${family}`).join(" and")}`,
    ...left.map((family) => `the next step proves ${family} by its own`),
    ...untried.map(
      (family) =>
        `${family} could not be tried, since this machine has no route to it: the host itself found its addresses and gateways right`,
    ),
  ].join("; ");
}
