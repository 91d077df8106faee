/**
 * The families of a Service, as the API server settles them (k/k pkg/registry/core/service/storage/alloc.go,
 * initIPFamilyFields), worked out beforehand: what is written is what will be, on every cluster.
 */
import { FAMILIES, type Family, ipFamily } from "../../spec/families";

export type Policy = "SingleStack" | "PreferDualStack" | "RequireDualStack";
export type ServiceType = "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";

/** What a program asks for. */
export interface ServiceRequest {
  /** ClusterIP without it. */
  readonly type?: ServiceType;
  /** No address of its own: DNS answers with those of the pods (`clusterIP: None`). */
  readonly headless?: boolean;
  /** Which pods; without it somebody else writes the EndpointSlices. */
  readonly selector?: { readonly [label: string]: string };
  /** PreferDualStack without it: every family that the cluster has. */
  readonly policy?: Policy;
  /** In this order; without it the cluster's. */
  readonly families?: readonly Family[];
}

/** What decides whether a Service can become another one in place. */
export interface ServiceShape {
  readonly type: ServiceType;
  readonly headless: boolean;
  /** undefined, and no families: ExternalName is a name in DNS and nothing else. */
  readonly policy: Policy | undefined;
  readonly families: readonly Family[];
}

/** A Service that no API server would take. `code` is stable. */
export class ServiceError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * What `request` becomes on a cluster with the families `cluster`, primary first.
 * @throws ServiceError for what the API server refuses.
 */
export function serviceShape(cluster: readonly Family[], request: ServiceRequest): ServiceShape {
  const { type = "ClusterIP", headless = false } = request;
  if (type === "ExternalName") return externalName(request);
  if (headless && type !== "ClusterIP") {
    throw new ServiceError("headless-type", `a headless Service has no address for type ${type}; leave the type out`);
  }
  const written = request.families ?? [];
  if (new Set(written).size !== written.length) {
    throw new ServiceError("family-twice", `families: ${written.join(", ")}: each family can be listed once`);
  }
  const policy = request.policy ?? "PreferDualStack";
  if (policy === "SingleStack" && written.length > 1) {
    throw new ServiceError("single-of-two", "SingleStack has one family; list one, or use PreferDualStack");
  }
  // nobody allocates an address for it, so a cluster of one family takes both
  const free = headless && request.selector === undefined;
  const available = free ? FAMILIES : cluster;
  const missing = written.find((family) => !available.includes(family));
  if (missing !== undefined) throw new ServiceError("family-missing", missingText(missing, cluster));
  if (policy === "RequireDualStack" && available.length < 2) {
    const message = `RequireDualStack: this cluster has ${cluster.join(", ")} only; use PreferDualStack, or make a cluster of two families`;
    throw new ServiceError("require-on-single", message);
  }
  const first = written[0] ?? cluster[0];
  if (first === undefined) throw new ServiceError("no-family", "the cluster has no family");
  const others = policy === "SingleStack" ? [] : available.filter((family) => family !== first);
  return { type, headless, policy, families: [first, ...others] };
}

function externalName({ policy, families, headless, selector }: ServiceRequest): ServiceShape {
  const set = Object.entries({ policy, families, headless, selector }).find(([, value]) => value !== undefined);
  if (set !== undefined) {
    const message = `${set[0]}: an ExternalName Service is a name in DNS without addresses; leave it out, or choose another type`;
    throw new ServiceError("external-name", message);
  }
  return { type: "ExternalName", headless: false, policy: undefined, families: [] };
}

function missingText(family: Family, cluster: readonly Family[]): string {
  return `families: ${family}: this cluster has ${cluster.join(", ")} only; leave it out, or make a cluster with it`;
}

/** The fields of `Service.spec` that a shape decides. */
export function familyFields({ type, headless, policy, families }: ServiceShape) {
  return {
    type,
    ...(headless ? { clusterIP: "None" } : {}),
    ...(policy === undefined ? {} : { ipFamilyPolicy: policy, ipFamilies: families.map(ipFamily) }),
  };
}
