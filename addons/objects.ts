/** Kubernetes objects as plain data: what the plan shows and what the components create. */

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: { readonly [key: string]: string };
    readonly annotations?: { readonly [key: string]: string };
  };
  readonly [field: string]: unknown;
}

/** An object of the plan: ours entirely, or fields that we set on one that kubeadm made. */
export interface PlannedObject {
  readonly object: KubeObject;
  readonly mode: "create" | "patch";
}

/** A stable name for the object: `daemonset-kube-flannel-kube-flannel-ds`. */
export function objectName({ kind, metadata }: KubeObject): string {
  return [kind.toLowerCase(), metadata.namespace, metadata.name].filter((part) => part !== undefined).join("-");
}
