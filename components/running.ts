/** What a stack knows of the cluster that it runs, and the changes that it refuses because of it. */
import * as pulumi from "@pulumi/pulumi";
import { refusals } from "../plan/diff/refused";
import { readKept, shared } from "../spec/keep";
import type { ClusterSpec } from "../spec/types";

/** The output of a stack in which {@link Cluster.applied} is kept. */
const APPLIED = "applied";

/** What a stack knows of the cluster that it runs. */
export interface Running {
  /** Administrator's kubeconfig; secret. */
  readonly kubeconfig?: pulumi.Output<string>;
  /** Its release of Kubernetes, such as `1.36.3`: of the last run that was complete, so that one which was cut off goes on. */
  readonly release?: string;
}

/** The output of a stack in which {@link Cluster.kubeconfig} is kept. */
const KUBECONFIG = "kubeconfig";

/**
 * Refuses, in `preview` as in `up` and before any resource is registered, a change that a running cluster cannot take. What runs is
 * what the last complete run of this very stack kept in its output `applied`; without it nothing is refused here, and the control
 * plane refuses by itself what it can. Gives what else is kept of the running cluster, for {@link ClusterArgs.running}. Throws RunError
 * with every refused change.
 */
export async function refuseChanges(wanted: ClusterSpec): Promise<Running> {
  const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const outputs = new pulumi.StackReference("running", { name: stack });
  const kept = await outputs.getOutputDetails(APPLIED);
  const text = kept.secretValue ?? kept.value;
  if (text === undefined) return {};
  const runs = readKept(text);
  const refused = refusals(runs, shared(wanted));
  if (refused.length === 0) {
    const { secretValue, value = secretValue } = await outputs.getOutputDetails(KUBECONFIG);
    const release = runs.kubernetes.version;
    return value === undefined ? { release } : { release, kubeconfig: pulumi.secret(value as string) };
  }
  const list = refused.map(({ path, from, to, message }) => `  ${path}: ${from} -> ${to}: ${message}\n`).join("");
  throw mistake(`refused: the running cluster cannot take this change, so no host was touched:\n${list}`);
}

/**
 * A RunError that ends the program at once. The language host writes the stack of an error into its trace, and to find the lines of a
 * stack in the sources takes it 15 s; so it gets none.
 */
export function mistake(message: string): pulumi.RunError {
  return Object.assign(new pulumi.RunError(message), { stack: message });
}
