/** What hosts/scripts/kube-proxy.sh does on every host when the mode changes. */
import type { ClusterSpec } from "../../../spec/types";
import type { Effect } from "../impact";

/** On the control plane, from where its pods are replaced. */
export function proxyEffects(old: ClusterSpec, wanted: ClusterSpec, itself: boolean): Effect[] {
  const change = modeChange(old, wanted);
  if (change.length > 0 || !itself) return change;
  const what = `kube-proxy takes its new configuration; its pods are replaced node by node, rules stay in force meanwhile`;
  return [{ impact: "restart", component: "kube-proxy", what, everywhere: true }];
}

/** Between nftables and iptables kube-proxy cleans up itself; else `kube-proxy --cleanup` has to take the rules of every mode. */
export function modeChange(old: ClusterSpec, wanted: ClusterSpec): Effect[] {
  const [from, to] = [old.kubeProxy.mode, wanted.kubeProxy.mode];
  if (from === to || from === "none") return [];
  const component = "kube-proxy";
  const gap = "Services of this host do not answer for some seconds";
  if (to === "none") {
    const what = `kube-proxy is taken away, and kube-proxy --cleanup removes its rules of both families; ${gap} unless the network add-on has them already`;
    return [{ impact: "restart", component, what }];
  }
  if (from === "ipvs" && to === "iptables") return [{ impact: "restart", component, what: cleanup(from, gap) }];
  if (from === "iptables" && to === "ipvs") return [{ impact: "restart", component, what: cleanup(from, gap) }];
  const what = `its pod is replaced, node by node; it removes the rules of ${from}, of both families, before it writes its own: ${gap}`;
  return [{ impact: "restart", component, what }];
}

function cleanup(from: string, gap: string): string {
  return `its pod is replaced, node by node; then kube-proxy --cleanup removes what ${from} left, of both families, and it starts again to write its own rules: ${gap}`;
}
