/** What makes Envoy Gateway listen: a class, how its Envoys are set up, and one Gateway for the whole cluster. Pure. */
import { type Family, ipFamily } from "../../spec/families";
import type { ClusterSpec } from "../../spec/types";
import type { Ingress } from "../../spec/way-in";
import type { KubeObject } from "../objects";
import { ENVOY_NAMESPACE as NAMESPACE } from "./envoy-rights";
import { balancerAnnotations, exposedSpec, tolerations, workload } from "./exposure";

const NAME = "envoy-gateway";

/** Envoy's listeners and its Service follow this one word (EnvoyProxy.spec.ipFamily of Envoy Gateway's API). */
function ipFamilyOf(families: readonly Family[]): "DualStack" | "IPv4" | "IPv6" {
  return families.length > 1 ? "DualStack" : ipFamily(families[0]!);
}

export function gatewayObjects(spec: ClusterSpec, ingress: Ingress): KubeObject[] {
  return [envoyProxy(spec, ingress), gatewayClass, gateway(ingress)];
}

const gatewayClass: KubeObject = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "GatewayClass",
  metadata: { name: NAME },
  spec: {
    controllerName: "gateway.envoyproxy.io/gatewayclass-controller",
    parametersRef: { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: NAME, namespace: NAMESPACE },
  },
};

/** The Service is the controller's own; the patch brings the order of the families, and ports of the nodes, which it has no field for. */
function envoyProxy(spec: ClusterSpec, ingress: Ingress): KubeObject {
  const { type, externalTrafficPolicy, ipFamilies, allocateLoadBalancerNodePorts, externalIPs, ports } = exposedSpec(
    spec,
    ingress,
    [
      { name: "http", targetPort: 10080 },
      { name: "https", targetPort: 10443 },
    ],
  );
  const { kind, spec: size } = workload(spec, ingress);
  const pod = { tolerations: tolerations(spec) };
  const open = listenerPorts(ingress);
  const nodePorts = ports.filter(({ port, nodePort }) => nodePort !== undefined && open.includes(port));
  const patched = {
    ipFamilies,
    ...(externalIPs === undefined ? {} : { externalIPs }),
    ...(nodePorts.length === 0 ? {} : { ports: nodePorts.map(({ port, nodePort }) => ({ port, nodePort })) }),
  };
  return {
    apiVersion: "gateway.envoyproxy.io/v1alpha1",
    kind: "EnvoyProxy",
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: {
      ipFamily: ipFamilyOf(spec.network.families),
      provider: {
        type: "Kubernetes",
        kubernetes: {
          ...(kind === "DaemonSet" ? { envoyDaemonSet: { pod } } : { envoyDeployment: { ...size, pod } }),
          envoyService: {
            name: NAME_OF_SERVICE,
            type,
            externalTrafficPolicy,
            ...(allocateLoadBalancerNodePorts === undefined ? {} : { allocateLoadBalancerNodePorts }),
            annotations: balancerAnnotations(spec, ingress),
            patch: { type: "StrategicMerge", value: { spec: patched } },
          },
        },
      },
    },
  };
}

/** The Service that the controller makes for the Gateway. */
export const NAME_OF_SERVICE = "envoy";

/** HTTPS needs a certificate to end it with: without one there is no such listener (Gateway API, Listener.tls). */
function listenerPorts({ certificate }: Ingress): number[] {
  return certificate === undefined ? [80] : [80, 443];
}

/** Routes of every namespace may use it. */
function gateway({ certificate }: Ingress): KubeObject {
  const allowedRoutes = { namespaces: { from: "All" } };
  const tls = { mode: "Terminate", certificateRefs: [{ name: certificate }] };
  const listeners = [
    { name: "http", protocol: "HTTP", port: 80, allowedRoutes },
    ...(certificate === undefined ? [] : [{ name: "https", protocol: "HTTPS", port: 443, allowedRoutes, tls }]),
  ];
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name: "default", namespace: NAMESPACE },
    spec: { gatewayClassName: NAME, listeners },
  };
}
