/** The cluster's DNS Service on every family. kubeadm makes it SingleStack (k/k phases/addons/dns/manifests.go). */
import { ipFamily } from "../spec/families";
import type { ClusterSpec } from "../spec/types";
import type { KubeObject } from "./objects";

/** The fields that make `kube-dns` listen on every family; none on a single-stack cluster. */
export function dnsService(spec: ClusterSpec): KubeObject[] {
  const { families } = spec.network;
  if (families.length === 1) return [];
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "kube-dns",
        namespace: "kube-system",
        // kubeadm owns the field until now
        annotations: { "pulumi.com/patchForce": "true" },
      },
      spec: { ipFamilyPolicy: "RequireDualStack", ipFamilies: families.map(ipFamily) },
    },
  ];
}
