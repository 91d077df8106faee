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
    const restart: Effect = { impact: "restart", component: componentOf(after), what, everywhere: true };
    const masquerades = (object: KubeObject) => (template(object) ?? "").includes('"--ip-masq"');
    return masquerades(before) && !masquerades(after) ? [restart, oldRules] : [restart];
  }
  if (after.kind === "ConfigMap") {
    const read: Effect = { impact: "live", what: "changed in place; its readers restart when their digest changes" };
    return packetSize(before) === packetSize(after) ? [read] : [read, oldPods];
  }
  if (after.kind === "IPAddressPool") {
    const what = "Services keep addresses that a pool still holds; others lose theirs and are given another";
    return [{ impact: "live", component: "MetalLB", what }];
  }
  if (after.kind === "Installation") {
    const what = "the operator carries it out: Calico's pods may be replaced node by node";
    return [{ impact: "restart", component: "calico", what }];
  }
  return [{ impact: "live", what: "changed in place" }];
}

/** flannel writes its rules when it is told to, and takes none away when it is not (its main.go). */
const oldRules: Effect = {
  impact: "not-applied",
  component: "masquerading",
  what: "the rules that are there stay",
  todo: "boot the hosts one after the other",
  everywhere: true,
};

const oldPods: Effect = {
  impact: "not-applied",
  component: "pods",
  what: "running pods keep the packet size that they were made with",
  todo: "restart the pods (kubectl rollout restart), first those that speak with pods of other nodes",
};

/** The packet size in the settings of a network add-on: Calico's, Cilium's, flannel's. */
function packetSize({ data }: KubeObject): string | undefined {
  const { veth_mtu, mtu, "net-conf.json": flannel = "{}" } = (data ?? {}) as { readonly [key: string]: string };
  return veth_mtu ?? mtu ?? JSON.stringify((JSON.parse(flannel) as { Backend?: { MTU?: number } }).Backend?.MTU);
}

function componentOf({ metadata: { name, labels } }: KubeObject): string {
  return labels?.app ?? labels?.["k8s-app"] ?? name;
}
