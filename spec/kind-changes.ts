/** What a running cluster in kind cannot become: kind makes a cluster once, and changes nothing of it. Pure. */
import type { Refusal } from "./changes";
import { FAMILIES } from "./families";
import type { ClusterSpec } from "./types";

const ANEW = "'pulumi destroy', then 'pulumi up' makes it anew";

/** Every change of what kind was told when it made the cluster. Families, ranges and the name are refused for every cluster. */
export function kindChanges(running: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  if ((running.kind === undefined) !== (wanted.kind === undefined)) {
    const where = ({ kind }: ClusterSpec) => (kind === undefined ? "hosts" : "kind");
    const message = `a cluster stays where it was made; ${ANEW}`;
    return [{ code: "kind-changed", path: "kind", from: where(running), to: where(wanted), message }];
  }
  const before = told(running);
  return Object.entries(told(wanted)).flatMap(([path, to]) => {
    const from = before[path] ?? "";
    if (from === to) return [];
    return [
      { code: "kind-changed", path, from, to, message: `kind changes nothing of a cluster that it has made; ${ANEW}` },
    ];
  });
}

/** What is in kind's file, or decided when the nodes were made, by the field. */
function told({ kind, kubernetes, kubeProxy }: ClusterSpec): { readonly [path: string]: string } {
  if (kind === undefined) return {};
  return {
    "kubernetes.version": kubernetes.version,
    "kubeProxy.mode": kubeProxy.mode,
    "kubeProxy.nodePorts": String(kubeProxy.nodePorts),
    "kind.workers": String(kind.workers),
    "kind.image": kind.image,
    "kind.network.name": kind.network.name,
    ...Object.fromEntries(FAMILIES.map((family) => [`kind.network.${family}`, String(kind.network[family] ?? "none")])),
  };
}
