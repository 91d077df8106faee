import * as pulumi from "@pulumi/pulumi";
import { known } from "./step";

/** Arguments of {@link Members}. */
export interface MembersArgs {
  kubeconfig: pulumi.Output<string>;
  /** Names of all nodes. */
  nodes: readonly string[];
}

/**
 * Who belongs to the cluster. When a node is no longer among them, it is drained and its Node is deleted in a hook, before
 * Pulumi, at the end of the run, gives the host back; a node that cannot be emptied fails the run, and nothing is reset.
 */
export class Members extends pulumi.ComponentResource {
  constructor(name: string, { kubeconfig, nodes }: MembersArgs, options?: pulumi.ComponentResourceOptions) {
    const retireOthers = async ({ oldInputs }: pulumi.ResourceHookArgs) => {
      const before = ((oldInputs as { nodes?: string[] } | undefined)?.nodes ?? []) as string[];
      const gone = before.filter((node) => !nodes.includes(node));
      if (gone.length === 0) return;
      // loaded only when a node goes: the client is large
      const { Kubernetes } = require("../live/kubernetes") as typeof import("../live/kubernetes");
      const { retire } = require("../live/retire") as typeof import("../live/retire");
      const cluster = new Kubernetes(await known(kubeconfig));
      for (const node of gone) await retire(cluster, node);
    };
    const hooks = { beforeUpdate: [retireOthers] };
    super("dualstack:index:Members", name, { nodes }, pulumi.mergeOptions(options, { hooks }));
    this.registerOutputs({});
  }
}
