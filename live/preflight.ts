/** Asks every host of a spec, in one connection each, whether everything is right for what `pulumi up` will do. Changes nothing. */
import { endpointName, factsOf, judge, type Preflight, passed, peersOf, preflightQuestions } from "../plan/preflight";
import type { ClusterSpec } from "../spec/types";
import { lookAtAll } from "./look";
import type { Credentials } from "./ssh";

/**
 * What preflight finds on the hosts of a spec. A host that cannot be asked is among `unreachable`; its peers' answers still count.
 * Errors should stop whoever calls; warnings should not.
 */
export async function preflight(spec: ClusterSpec, credentials: Credentials): Promise<Preflight> {
  const peers = spec.hosts.map((host) => peersOf(spec, host));
  const asked = spec.hosts.map(({ ssh }, index) => ({ ssh, questions: preflightQuestions(spec, peers[index] ?? []) }));
  const looks = await lookAtAll(asked, credentials);
  const facts = spec.hosts.flatMap((host, index) => {
    const look = looks[index]!;
    if ("problem" in look) return [];
    const { answers, from, to } = look.seen;
    return [factsOf(host, answers, { from, to }, peers[index] ?? [], endpointName(spec))];
  });
  const unreachable = spec.hosts.flatMap(({ name: host }, index) => {
    const look = looks[index]!;
    return "problem" in look ? [{ host, problem: look.problem }] : [];
  });
  const findings = judge(spec, facts);
  return { findings, passed: passed(findings), unreachable };
}
