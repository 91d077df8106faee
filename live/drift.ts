/** Asks every host of a plan, in one connection each, what is not as planned. */
import { authorityOn, compare, type HostDrift, questionsAbout } from "../plan/drift";
import type { ClusterPlan } from "../plan/plan";
import { lookAtAll } from "./look";
import type { Credentials } from "./ssh";

/** The drift of every host, in the order of the plan. A host that cannot be asked is in it with the reason. */
export async function findDrift(plan: ClusterPlan, credentials: Credentials): Promise<HostDrift[]> {
  const hosts = [plan.first, ...plan.joining];
  const asked = hosts.map((each) => ({ ssh: each.host.ssh, questions: questionsAbout(each) }));
  const looks = await lookAtAll(asked, credentials);
  const [first] = looks;
  const authority = first !== undefined && "seen" in first ? authorityOn(first.seen.answers) : undefined;
  return hosts.map((each, index): HostDrift => {
    const look = looks[index]!;
    const { name: host } = each.host;
    if ("problem" in look) return { host, state: "unreachable", problem: look.problem, drift: [] };
    const drift = compare(plan.spec, each, look.seen.answers, authority);
    return { host, state: drift.length === 0 ? "clean" : "drifted", drift };
  });
}
