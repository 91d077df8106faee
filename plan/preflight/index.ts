/** Preflight: what must be right on the hosts before anything is changed. */
import type { ClusterSpec } from "../../spec/types";
import { CROSS_CHECKS } from "./across";
import { HOST_CHECKS } from "./checks";
import type { Facts } from "./facts";
import type { Finding, HostCheck } from "./finding";

export { factsOf, type PeerQuestion } from "./facts";
export { type Finding, type Preflight, preflightCode, toJson } from "./finding";
export { endpointName, peersOf, preflightQuestions } from "./questions";
export { renderPreflight } from "./text";

/** Every finding about the hosts that answered, in the order of the checks; equal ones of several hosts are one. */
export function judge(spec: ClusterSpec, all: readonly Facts[]): Finding[] {
  const ofHosts = HOST_CHECKS.flatMap((check) => joined(all.flatMap((facts) => ofHost(check, facts, spec))));
  const across = CROSS_CHECKS.flatMap(({ find, ...row }) =>
    joined(find(all, spec).map(({ hosts, found }) => ({ ...row, hosts, found }))),
  );
  return [...ofHosts, ...across];
}

/** The checks of which there is no finding. */
export function passed(findings: readonly Finding[]) {
  const found = new Set(findings.map(({ code }) => code));
  return [...HOST_CHECKS, ...CROSS_CHECKS]
    .filter(({ code }) => !found.has(code))
    .map(({ code, title }) => ({ code, title }));
}

function ofHost({ find, remedy, ...row }: HostCheck, facts: Facts, spec: ClusterSpec): Finding[] {
  const found = find(facts, spec);
  if (found === undefined) return [];
  return [
    { ...row, hosts: [facts.host.name], found, remedy: typeof remedy === "string" ? remedy : remedy(facts, spec) },
  ];
}

function joined(findings: readonly Finding[]): Finding[] {
  const groups = new Map<string, Finding>();
  for (const one of findings) {
    const key = JSON.stringify([one.code, one.found, one.remedy]);
    const known = groups.get(key);
    groups.set(key, known === undefined ? one : { ...known, hosts: [...new Set([...known.hosts, ...one.hosts])] });
  }
  return [...groups.values()];
}
