/** Addresses of the cluster's DNS. */
import type { Address } from "./addresses";
import { inOrder } from "./families";
import type { ClusterSpec } from "./types";

/** The address of the Service kube-dns: the tenth of the first range of services (kubeadm constants GetDNSIP). */
export function dnsAddress({ network: { families, services } }: ClusterSpec): Address {
  const [primary] = inOrder(families, services);
  if (primary === undefined) throw new Error("a loaded spec has a range of services");
  return primary.nth(10);
}

/** The address of kube-dns, where NodeLocal DNSCache answers in its place; undefined in ipvs mode. */
export function takenOver(spec: ClusterSpec): Address | undefined {
  return spec.kubeProxy.mode === "ipvs" ? undefined : dnsAddress(spec);
}
