/** MetalLB: its project's manifest, and the pools and announcements of the spec as its own kinds. Pure. */
import type { ClusterSpec } from "../../spec/types";
import type { LoadBalancer } from "../../spec/way-in";
import { METALLB } from "../catalogue";
import { changeObject } from "../change";
import type { KubeObject } from "../objects";
import { objectsOf, type Upstream } from "../upstream";
import { announcements, pools } from "./pools";

/**
 * The objects of the load balancer; none without one.
 * @throws Error when the manifest cannot be had or is not what dualstack knows.
 */
export function metallb(spec: ClusterSpec, upstream: Upstream): KubeObject[] {
  const { loadBalancer } = spec;
  if (loadBalancer === undefined) return [];
  return [
    ...manifest(spec, loadBalancer, upstream),
    ...pools(spec, loadBalancer),
    ...announcements(spec, loadBalancer),
  ];
}

/** MetalLB's own BGP speaks IPv4 only; FRR-K8s is the way for IPv6 (metallb.io/concepts/bgp, limitations of the native mode). */
function manifest(spec: ClusterSpec, { version, announce }: LoadBalancer, upstream: Upstream): KubeObject[] {
  const release = METALLB[version as keyof typeof METALLB];
  if (release === undefined) throw new Error(`loadBalancer.version: the catalogue has no MetalLB ${version}`);
  const needsFrr = announce.by === "bgp" && spec.network.families.includes("ipv6");
  const objects = objectsOf(upstream, needsFrr ? release.frr : release.native);
  return changeObject(objects, "ValidatingWebhookConfiguration", "metallb-webhook-configuration", lenient);
}

interface Webhooks extends KubeObject {
  readonly webhooks: readonly object[];
}

/**
 * While the controller starts, its webhook answers nobody, and pools would be refused. dualstack's own rules have looked at them
 * already, so an answer that does not come is none against them (the chart's crds.validationFailurePolicy).
 */
function lenient(configuration: KubeObject): Webhooks {
  const { webhooks, metadata } = configuration as Webhooks;
  const { name } = metadata;
  return {
    ...configuration,
    metadata: { name },
    webhooks: webhooks.map((one) => ({ ...one, failurePolicy: "Ignore" })),
  };
}
