/** What happens to the cluster when one of its objects changes. */
import type { KubeObject } from "../../../addons/objects";
import type { Effect } from "../impact";

/** How each kind of workload brings new pods (kubernetes.io/docs/concepts/workloads/controllers). */
const REPLACED: { readonly [kind: string]: string } = { DaemonSet: "node by node", Deployment: "one by one" };

export function objectEffects(before: KubeObject | undefined, after: KubeObject | undefined): Effect[] {
  if (before === undefined) return [{ impact: "live", what: "the object is created" }];
  if (after === undefined) return [{ impact: "live", what: "the object is deleted" }];
  const template = (object: KubeObject) =>
    JSON.stringify((object.spec as { template?: unknown } | undefined)?.template);
  const how = REPLACED[after.kind];
  if (how !== undefined && template(before) !== template(after)) {
    const what = `its pods are replaced ${how}; other pods run on and keep their addresses`;
    return [{ impact: "restart", component: componentOf(after), what, everywhere: true }];
  }
  if (after.kind === "ConfigMap")
    return [{ impact: "live", what: "changed in place; its readers restart when their digest changes" }];
  if (after.kind === "IPAddressPool") {
    const what = "Services keep addresses that a pool still holds; others lose theirs and are given another";
    return [{ impact: "live", component: "MetalLB", what }];
  }
  return [{ impact: "live", what: "changed in place" }];
}

function componentOf({ metadata: { name, labels } }: KubeObject): string {
  return labels?.app ?? name;
}
