/** Runs the checks of a plan against a live cluster. The command and the Pulumi components share it. */
import { type Check, checks as checksOf, PROBE } from "../plan/checks";
import type { ClusterPlan } from "../plan/plan";
import { probeObjects } from "../plan/probe";
import { answer, type Scene } from "./answers";
import { locateNodes } from "./kind";
import { authorityOf } from "./kubeconfig";
import { Kubernetes } from "./kubernetes";
import { inParallel } from "./parallel";
import { type Result, result } from "./results";
import { Connection, type Credentials } from "./ssh";

export interface VerifyOptions {
  readonly plan: ClusterPlan;
  readonly kubeconfig: string;
  /** For the host outside. */
  readonly credentials: Credentials;
  /** How long a check is tried again until it counts as failed. */
  readonly patienceSeconds?: number;
  /** Called as results come in. */
  readonly onResult?: (result: Result) => void;
}

const AT_ONCE = 6;

/**
 * Runs every check and gives the results in the order of the checks. A check that fails is tried again until the
 * patience is over; running out of it is a failure. The probe objects are deleted afterwards, unless the spec keeps them.
 * Throws Error when the cluster or the host outside cannot be reached at all.
 */
export async function verify(options: VerifyOptions): Promise<Result[]> {
  const { spec, checks } = await settled(options.plan);
  const { credentials } = options;
  const cluster = new Kubernetes(options.kubeconfig);
  const authority = authorityOf(options.kubeconfig);
  const { outside: host, keep } = spec.verification;
  const outside = host === undefined ? undefined : await Connection.open(host.ssh, credentials);
  try {
    // a proof right after another one meets the other's objects on their way out
    await cluster.awaitDeletion(PROBE.namespace, 120);
    for (const object of probeObjects(spec)) await cluster.apply(object);
    const until = performance.now() + (options.patienceSeconds ?? 120) * 1000;
    return await inParallel(AT_ONCE, checks, async (check) => {
      const found = await persist({ cluster, authority, outside }, check, until);
      options.onResult?.(found);
      return found;
    });
  } finally {
    outside?.close();
    if (!keep) await cluster.deleteNamespace(PROBE.namespace);
  }
}

/** The plan's checks; in kind those of the nodes with the addresses that Docker gave them. */
async function settled({ spec, checks }: ClusterPlan): Promise<Pick<ClusterPlan, "spec" | "checks">> {
  const located = await locateNodes(spec);
  return { spec: located, checks: located === spec ? checks : checksOf(located) };
}

async function persist(scene: Scene, check: Check, until: number): Promise<Result> {
  for (let tries = 1; ; tries++) {
    const started = performance.now();
    const found = await inTime(answer(scene, check)).catch((error: Error) => ({
      ok: false,
      expected: check.title,
      found: error.message,
      milliseconds: undefined,
    }));
    const took = found.milliseconds ?? performance.now() - started;
    if (found.ok || performance.now() > until) {
      const { ok, expected, found: was } = found;
      return result(check, { ok, expected, found: was }, took, tries);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** A try that takes half a minute has failed. */
function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer within 30 s")), 30_000);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
