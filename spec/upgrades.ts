/** What another release of Kubernetes may be on a running cluster, and what may not change with it. Pure. */
import type { Refusal } from "./changes";
import { inOrder } from "./families";
import type { ClusterSpec } from "./types";
import { parseVersion } from "./versions";

const PATH = "kubernetes.version";

/** Every refused change that has to do with another release; none where the release stays. */
export function upgradeChanges(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  // kind refuses another release by itself
  if (running.kubernetes.version === wanted.kubernetes.version || wanted.kind !== undefined) return [];
  const refused = release(running, wanted);
  return refused.length > 0 ? refused : together(running, wanted);
}

/** kubeadm upgrades by one minor release at a time, and never back (kubernetes.io/releases/version-skew-policy). */
function release(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  const [from, to] = [running.kubernetes.version, wanted.kubernetes.version];
  const [old, next] = [parseVersion(from), parseVersion(to)];
  if (old === undefined || next === undefined) return [];
  if (next.minor < old.minor || (next.minor === old.minor && next.patch < old.patch)) {
    return [{ code: "version-back", path: PATH, from, to, message: "Kubernetes does not go back to an older release" }];
  }
  if (next.minor <= old.minor + 1) return [];
  const message = `kubeadm upgrades by one minor release at a time; go to 1.${old.minor + 1} first`;
  return [{ code: "version-skipped", path: PATH, from, to, message }];
}

/**
 * kubeadm upgrades with the configuration that the cluster keeps, node by node, and what is changed beside it would meet nodes of two
 * releases. It names them all, so that one commit can be cut in two.
 */
function together(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  const before = new Map(settings(running));
  const planes = new Set(running.hosts.map(({ name }) => name));
  const message = `nodes take another release one after the other, by what the cluster was made with; apply the release ${wanted.kubernetes.version} by itself, then this`;
  const refuse = (path: string, from: string, to: string) => ({ code: "version-with-others", path, from, to, message });
  const changed = settings(wanted).flatMap(([path, to]) => {
    const from = before.get(path) ?? "";
    return from === to ? [] : [refuse(path, from, to)];
  });
  // one that failed may be taken out: without that nobody could go on
  const added = wanted.hosts.filter(({ name, role }) => role === "control-plane" && !planes.has(name));
  return [...changed, ...added.map(({ name }) => refuse(`hosts[${name}]`, "nothing", "control-plane"))];
}

/** What kubeadm, kubelet and kube-proxy are told, and who runs the API, in the order of the spec. */
function settings({ kubernetes, network, kubeProxy, nodeLocalDns }: ClusterSpec): [path: string, value: string][] {
  const list = (values: readonly unknown[]) => values.join(", ") || "none";
  return [
    ["kubernetes.install", kubernetes.install.from],
    ["network.dns", list(network.dns)],
    ["network.certificateNames", list(network.certificateNames)],
    ["kubeProxy.mode", kubeProxy.mode],
    ["kubeProxy.nodePorts", String(kubeProxy.nodePorts)],
    ["nodeLocalDns", list(inOrder(network.families, nodeLocalDns?.addresses ?? {}))],
  ];
}
