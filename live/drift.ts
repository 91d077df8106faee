/** Asks every host of a plan, in one connection each, what is not as planned. */
import { authorityOn, compare, type HostDrift, questionsAbout } from "../plan/drift";
import type { ClusterPlan } from "../plan/plan";
import { lookAtAll } from "./look";
import type { Credentials } from "./ssh";

export interface Hosts {
  /** In the order of the plan. A host that cannot be asked is among them with the reason. */
  readonly hosts: readonly HostDrift[];
  /** Certificate (PEM) of the cluster's CA, as the first control plane has it. */
  readonly authority: string | undefined;
}

/** The drift of every host. */
export async function readHosts(plan: ClusterPlan, credentials: Credentials): Promise<Hosts> {
  const plans = plan.hosts;
  const asked = plans.map((each) => ({ ssh: each.host.ssh, questions: questionsAbout(each) }));
  const looks = await lookAtAll(asked, credentials);
  const [first] = looks;
  const authority = first !== undefined && "seen" in first ? authorityOn(first.seen.answers) : undefined;
  const hosts = plans.map((each, index): HostDrift => {
    const look = looks[index]!;
    const { name: host } = each.host;
    if ("problem" in look) return { host, state: "unreachable", problem: look.problem, drift: [] };
    const drift = compare(plan.spec, each, look.seen.answers, authority);
    return { host, state: drift.length === 0 ? "clean" : "drifted", drift };
  });
  return { hosts, authority };
}
