/** What happens to the cluster when one of its objects changes. */
import type { KubeObject } from "../../../addons/objects";
import type { Effect } from "../impact";

export function objectEffects(before: KubeObject | undefined, after: KubeObject | undefined): Effect[] {
  if (before === undefined) return [{ impact: "live", what: "the object is created" }];
  if (after === undefined) return [{ impact: "live", what: "the object is deleted" }];
  const template = (object: KubeObject) =>
    JSON.stringify((object.spec as { template?: unknown } | undefined)?.template);
  if (after.kind === "DaemonSet" && template(before) !== template(after)) {
    const what = "its pods are replaced node by node; other pods run on and keep their addresses";
    return [{ impact: "restart", component: componentOf(after), what, everywhere: true }];
  }
  if (after.kind === "ConfigMap")
    return [{ impact: "live", what: "changed in place; its readers restart when their digest changes" }];
  return [{ impact: "live", what: "changed in place" }];
}

function componentOf({ metadata: { name, labels } }: KubeObject): string {
  return labels?.app ?? name;
}
