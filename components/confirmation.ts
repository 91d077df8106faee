/**
 * A changed network is confirmed by new connections, from hooks of the commands: a hook after the network's command starts to open
 * them, one before the system's command waits for that and stops the run where it failed. The hook afterwards itself must not
 * wait: as long as it runs the engine holds the resource, without which it can save no state, so that no step of any host would
 * be finished (pulumi/pkg/resource/deploy/step.go, CreateStep.Apply). The engine keeps a resource whose hook failed afterwards
 * as made, so the failure must be the system's: its document names the network's, and only both together count as done.
 */
import * as pulumi from "@pulumi/pulumi";
import type { Confirmed } from "../live/confirm";
import type { HostPlan } from "../plan/plan";
import { credentialsOf, known, type LoginArgs } from "./step";

/** How the network step ends on every host, which is no news. */
const READY = ": network ready";

export class Confirmation {
  /** What became of it; it never throws. Undefined: this run has not changed the network. */
  private outcome: Promise<"in place" | Error> | undefined;

  constructor(
    private readonly plan: HostPlan,
    private readonly login: LoginArgs,
  ) {}

  /** After the network's command: begins to prove what it printed that has to be proven. */
  readonly afterNetwork = async ({ newOutputs }: pulumi.ResourceHookArgs): Promise<void> => {
    this.outcome = settled(
      known(pulumi.output(newOutputs?.stdout as string | undefined)).then((told) => this.confirm(told ?? "")),
    );
  };

  /** Before the system's command. A network that this run did not touch may have gone back since: it is applied again. */
  readonly beforeSystem = async (): Promise<void> => {
    this.outcome ??= settled(this.applyAgain());
    await this.refuse();
  };

  /** Before the network's command of another host: the same mistake shall not cut off a whole cluster. */
  readonly beforeOther = async (): Promise<void> => this.refuse();

  private async refuse(): Promise<void> {
    const outcome = await this.outcome;
    if (outcome instanceof Error) throw outcome;
  }

  private async applyAgain() {
    // loaded only when there is something to do
    const { applyNetwork } = require("../live/confirm") as typeof import("../live/confirm");
    // no command of the engine's shows what the host says here, such as that another run has its lock
    const onProgress = (line: string) => {
      if (!line.endsWith(READY)) void pulumi.log.info(line);
    };
    return this.confirm(await applyNetwork({ ...(await this.options()), onProgress }));
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

/** Nobody may be waiting yet when it fails. */
const settled = (work: Promise<"in place">) => work.catch((error: Error) => error);

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
