/** The sentences that every format says in the same words. */
import { plural } from "../words";
import { REFERENCE, type ValueChange } from "./changes";
import type { Consequence, Diff } from "./diff";
import type { FieldChange } from "./fields";
import type { HostGroup } from "./hosts";
import { MEANING } from "./impact";
import type { Hunk } from "./lines";
import type { ObjectChange } from "./objects";

export function headline({ cluster, size, created, changed, impact, fields }: Diff): string {
  if (created) return `${cluster}: a new cluster of ${plural(size, "host")}`;
  if (!changed) return `${cluster}: no change`;
  return `${cluster}: ${plural(fields.length, "change")} in the spec; at most: ${impact} (${MEANING[impact]})`;
}

/** A stack that does not know what runs cannot refuse: its state was lost, or its program does not keep it. */
export const FORCED = "pulumi up refuses it; without the state of the last run";

/** `on 48 workers: a, b, c and 45 more` */
export function groupTitle({ hosts, role, change }: HostGroup): string {
  const what = { added: "new", removed: "removed", changed: "" }[change];
  const many = hosts.length === 1 ? "" : `${plural(hosts.length, role)}: `;
  const one = hosts.length === 1 ? ` (${role})` : "";
  return `on ${what === "" ? "" : `${what} `}${many}${names(hosts)}${one}`;
}

const MOST_NAMES = 5;

export function names(hosts: readonly string[]): string {
  if (hosts.length <= MOST_NAMES) return hosts.join(", ");
  return `${hosts.slice(0, MOST_NAMES - 1).join(", ")} and ${hosts.length - MOST_NAMES + 1} more`;
}

/** Where an effect shows: nothing for the cluster, all, or names. */
export function where({ hosts }: Consequence, size: number): string {
  if (hosts.length === 0) return "";
  if (hosts.length === size && size > 1) return `all ${size} hosts`;
  return hosts.length === 1 ? hosts[0]! : `${hosts.length} hosts: ${names(hosts)}`;
}

/** `hosts[worker-1].ssh.address`, or `hosts[].role` and the hosts behind it. */
export function fieldTitle({ path, hosts }: FieldChange): string {
  if (hosts === undefined) return path;
  return hosts.length === 1
    ? path.replace("[]", `[${hosts[0]}]`)
    : `${path} of ${hosts.length} hosts (${names(hosts)})`;
}

export function fieldText({ from, to }: FieldChange): string {
  if (from === undefined) return `+ ${to}`;
  return to === undefined ? `- ${from}` : `${from} -> ${to}`;
}

export function objectTitle({ kind, namespace, name, change }: ObjectChange): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}${change === "changed" ? "" : ` (${change})`}`;
}

export function proof({ changed, verified, refused }: Diff): string {
  if (!changed) return "";
  if (refused.length > 0) return "pulumi up refuses it before it touches a host.";
  return verified ? "pulumi up proves the cluster again at the end." : "pulumi up does not prove the cluster again.";
}

/** Changed values of a step as a patch has them. */
export function valueTexts(values: readonly ValueChange[]): string[] {
  return values.flatMap(({ name, removed, added }) => {
    if (name === REFERENCE) return ["  runs again, since it counts on the network that changed"];
    if (removed.length + added.length === 0) return [`  ${name}: the same in another order`];
    return [...removed.map((value) => `- ${name} ${value}`), ...added.map((value) => `+ ${name} ${value}`)];
  });
}

/** Changed lines as a patch has them. */
export function lineTexts(lines: readonly Hunk[]): string[] {
  return lines.flatMap(({ section, removed, added }) => [
    ...(section === "" ? [] : [`@@ ${section}`]),
    ...removed.map((line) => `- ${line}`),
    ...added.map((line) => `+ ${line}`),
  ]);
}
