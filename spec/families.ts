/**
 * The two address families as a type, and the one function that puts values into a cluster's order.
 * Everything that lists addresses or ranges (node-ip, podSubnet, nodePortAddresses, ipFamilies, certificate names) calls it.
 */

/** An address family as the spec writes it. */
export type Family = "ipv4" | "ipv6";

/** Every family that dualstack knows, in the order in which Kubernetes documentation lists them. */
export const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

/** One value for each family that the cluster has; no value for a family that it has not. */
export type PerFamily<T> = { readonly [F in Family]?: T };

/**
 * The values of `values` in the cluster's order (`families`, primary first). A family without a value is left out.
 */
export function inOrder<T>(families: readonly Family[], values: PerFamily<T>): T[] {
  return families.flatMap((family) => {
    const value = values[family];
    return value === undefined ? [] : [value];
  });
}

/** Builds a value for each of `families`. */
export function perFamily<T>(families: readonly Family[], make: (family: Family) => T): PerFamily<T> {
  return Object.fromEntries(families.map((family) => [family, make(family)]));
}

/** The name that the Kubernetes API uses in `Service.spec.ipFamilies`. */
export function ipFamily(family: Family): "IPv4" | "IPv6" {
  return family === "ipv4" ? "IPv4" : "IPv6";
}
