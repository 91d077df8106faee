/** What hosts/scripts/upgrade.sh and components/upgrade.ts do when the release of Kubernetes is another one. */
import { DRAIN_SECONDS } from "../../../hosts/upgrade";
import type { ClusterSpec, Host } from "../../../spec/types";
import type { Effect } from "../impact";

/** On one host, by its step kubernetes; none where the release stays. */
export function upgradeEffects(old: ClusterSpec, wanted: ClusterSpec, { name, role }: Host): Effect[] {
  if (old.kubernetes.version === wanted.kubernetes.version) return [];
  const planes = wanted.hosts.filter((host) => host.role === "control-plane");
  const isFirst = planes[0]?.name === name;
  return [
    ...(isFirst ? [addons(wanted)] : []),
    ...(role === "control-plane" ? [staticPods(wanted, isFirst, planes.length === 1)] : []),
    node(wanted),
  ];
}

const releaseOf = ({ kubernetes }: ClusterSpec) => `v${kubernetes.version}`;

function staticPods(wanted: ClusterSpec, isFirst: boolean, alone: boolean): Effect {
  const by = isFirst
    ? `kubeadm upgrade apply ${releaseOf(wanted)}, once every host has that kubeadm`
    : "kubeadm upgrade node, after the control planes before it";
  const away = alone ? "the API is away for up to a minute" : "its API is away for up to a minute, the others answer";
  const what = `${by}: the static pods of the release start one after the other, etcd where it is another one; ${away}; the certificates of the control plane are renewed`;
  return { impact: "restart", component: "etcd, kube-apiserver, kube-controller-manager, kube-scheduler", what };
}

function addons(wanted: ClusterSpec): Effect {
  const hasProxy = wanted.kubeProxy.mode !== "none";
  const proxy = hasProxy ? "; kube-proxy's pods are replaced node by node, rules stay in force meanwhile" : "";
  const what = `kubeadm brings what belongs to ${releaseOf(wanted)} when the last control plane has it${proxy}`;
  return { impact: "restart", component: hasProxy ? "CoreDNS, kube-proxy" : "CoreDNS", what, everywhere: true };
}

function node(wanted: ClusterSpec): Effect {
  const what = [
    "one node after the other, control planes first: its pods are evicted as their PodDisruptionBudgets allow (what is in their emptyDirs goes, those of DaemonSets stay)",
    `kubelet ${releaseOf(wanted)} starts, and once the node is Ready it takes pods again`,
    `a node that is not empty after ${DRAIN_SECONDS / 60} minutes takes pods again, and the run stops there`,
  ].join("; ");
  return { impact: "drain", component: "kubelet", what };
}
