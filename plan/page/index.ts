/** The picture of a cluster: one page with its addresses, hosts, ways of packets, checks and warnings. Pure. */
import { hostPort } from "../../spec/addresses";
import { type Family, inOrder, ipFamily } from "../../spec/families";
import { type Node, nodesOf } from "../../spec/nodes";
import type { ClusterSpec } from "../../spec/types";
import type { Check } from "../checks";
import { type Html, html, page } from "../html";
import type { ClusterPlan } from "../plan";
import { plural } from "../words";
import { checkList, type Outcome } from "./checks";
import { addressMap } from "./map";
import { packetPath } from "./path";
import { STYLE } from "./style";

export type { Outcome } from "./checks";

/** What a page shows beside the plan. */
export interface Findings {
  /** Warnings of the spec, one line each. */
  readonly warnings: readonly string[];
  /** What came of the checks; without them they are shown as planned. */
  readonly outcomes?: readonly Outcome[];
}

/** A self-contained page: no network, no script, light and dark, for a phone as well. The same input gives the same bytes. */
export function clusterPage({ spec, checks, endpoint }: ClusterPlan, { warnings, outcomes }: Findings): string {
  const { families } = spec.network;
  const perFamily = (show: (family: Family) => Html) => html`<div class="columns">${families.map(show)}</div>`;
  return page(
    `${spec.name}: the cluster`,
    STYLE,
    html`<h1>${spec.name}</h1>
<p class="facts">${facts(spec, endpoint).map((fact) => html`<span>${fact}</span>`)}${verdict(checks.length, outcomes)}</p>
${warned(warnings)}
<h2>Addresses</h2>
<p class="note">Strips are to scale; what would be thinner than a hair is drawn as one. Filled is used, pale is left.</p>
${perFamily((family) => addressMap(spec, family))}
<h2>Hosts</h2>
<div class="wide" tabindex="0" role="region" aria-label="Hosts"><table><tr><th scope="col">host</th><th scope="col">role</th>${families.map((family) => html`<th scope="col">${ipFamily(family)}</th>`)}<th scope="col">interfaces</th>${outcomes && html`<th scope="col">checks</th>`}</tr>
${nodesOf(spec).map((node) => nodeRow(spec, node, outcomes && about(node, checks, outcomes)))}</table></div>
<h2>The way of a packet</h2>
${perFamily((family) => packetPath(spec, family))}
<h2>Checks</h2>
${checkList(checks, outcomes)}`,
  );
}

function facts(spec: ClusterSpec, endpoint: string): string[] {
  const { kubernetes, cni, kubeProxy, network } = spec;
  const nodes = nodesOf(spec);
  const planes = nodes.filter(({ role }) => role === "control-plane").length;
  return [
    network.families.map(ipFamily).join(" and "),
    `Kubernetes ${kubernetes.version}`,
    `${plural(planes, "control plane")}, ${plural(nodes.length - planes, "worker")}`,
    `${cni.kind} ${cni.version}`,
    `kube-proxy ${kubeProxy.mode}`,
    `API https://${endpoint}`,
  ];
}

function verdict(planned: number, outcomes: readonly Outcome[] | undefined): Html {
  if (outcomes === undefined) return html`<span>${planned} checks planned</span>`;
  return tally(outcomes);
}

function warned(warnings: readonly string[]): Html | undefined {
  if (warnings.length === 0) return undefined;
  return html`<section class="warned"><h2>Warnings</h2><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></section>`;
}

/** The outcomes of the checks that a node takes part in. */
function about({ name }: Node, checks: readonly Check[], outcomes: readonly Outcome[]): Outcome[] {
  const concerned = checks.filter((check) =>
    [("node" in check && check.node) || "", ("from" in check && check.from) || ""].includes(name),
  );
  const ids = new Set(concerned.map(({ id }) => id));
  return outcomes.filter(({ id }) => ids.has(id));
}

function nodeRow(spec: ClusterSpec, { name, role, addresses }: Node, outcomes: readonly Outcome[] | undefined): Html {
  const { families } = spec.network;
  const host = spec.hosts.find((each) => each.name === name);
  const shown = families.map((family) => html`<td><code>${addresses[family]?.toString()}</code></td>`);
  const links = (host?.interfaces ?? []).map(({ name: link, ip }) =>
    [link, ...inOrder(families, ip).map(({ address }) => `/${address.prefix}`)].join(" "),
  );
  const title =
    host === undefined ? "a container of kind" : `SSH ${host.ssh.user}@${hostPort(host.ssh.address, host.ssh.port)}`;
  const result = outcomes && html`<td>${tally(outcomes)}</td>`;
  return html`<tr><th scope="row" title="${title}">${name}</th><td>${role}</td>${shown}<td>${links.join(", ")}</td>${result}</tr>\n`;
}

function tally(outcomes: readonly Outcome[]): Html {
  const passed = outcomes.filter(({ ok }) => ok).length;
  const kind = passed === outcomes.length ? "good" : "bad";
  return html`<span class="${kind}">${passed} of ${outcomes.length} passed</span>`;
}
