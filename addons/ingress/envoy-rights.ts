/** What Envoy Gateway may do: the rules of its chart (templates/_rbac.tpl), without those for its topology injector. Pure. */
import type { KubeObject } from "../objects";

export const ENVOY_NAMESPACE = "envoy-gateway-system";
const NAME = "envoy-gateway";
const RBAC = "rbac.authorization.k8s.io";

type Rule = readonly [group: string, resources: readonly string[], verbs: readonly string[]];

const READ = ["get", "list", "watch"];
const OWN = [...READ, "create", "patch", "delete", "deletecollection"];
const ENVOY = "gateway.envoyproxy.io";
const GATEWAY = "gateway.networking.k8s.io";

const POLICIES = [
  "envoyproxies",
  "envoypatchpolicies",
  "clienttrafficpolicies",
  "backendtrafficpolicies",
  "securitypolicies",
  "envoyextensionpolicies",
  "backends",
];
const ROUTES = ["gateways", "listenersets", "grpcroutes", "httproutes", "tcproutes", "tlsroutes", "udproutes"].concat(
  "backendtlspolicies",
);
const status = (resources: readonly string[]) => resources.map((one) => `${one}/status`);

/** In the whole cluster: it reads what Gateways refer to, and writes only what became of it. */
const CLUSTER: readonly Rule[] = [
  ["", ["nodes", "namespaces", "configmaps", "secrets", "services"], READ],
  ["apps", ["deployments", "daemonsets"], READ],
  ["discovery.k8s.io", ["endpointslices"], READ],
  ["multicluster.x-k8s.io", ["serviceimports"], READ],
  ["certificates.k8s.io", ["clustertrustbundles"], READ],
  [ENVOY, [...POLICIES, "httproutefilters"], READ],
  [ENVOY, status(POLICIES), ["update"]],
  [GATEWAY, [...ROUTES, "referencegrants"], READ],
  [GATEWAY, status(ROUTES), ["update"]],
  [GATEWAY, ["gatewayclasses"], [...READ, "patch", "update"]],
  [GATEWAY, ["gatewayclasses/status"], ["update"]],
];

/** In its own namespace: the Envoys, and the lease of its leader. */
const NAMESPACED: readonly Rule[] = [
  ["", ["serviceaccounts", "services", "configmaps"], [...OWN, "update"]],
  ["apps", ["deployments", "daemonsets"], OWN],
  ["autoscaling", ["horizontalpodautoscalers"], OWN],
  ["policy", ["poddisruptionbudgets"], OWN],
  ["coordination.k8s.io", ["leases"], [...READ, "create", "update", "patch", "delete"]],
  ["", ["events"], ["create", "patch"]],
];

const CERTGEN: readonly Rule[] = [["", ["secrets"], ["get", "create", "update"]]];

/** Two accounts and their roles. */
export function envoyRights(): KubeObject[] {
  const certgen = `${NAME}-certgen`;
  return [
    account(NAME),
    account(certgen),
    role("ClusterRole", NAME, CLUSTER),
    binding("ClusterRole", NAME),
    role("Role", NAME, NAMESPACED),
    binding("Role", NAME),
    role("Role", certgen, CERTGEN),
    binding("Role", certgen),
  ];
}

function account(name: string): KubeObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: ENVOY_NAMESPACE } };
}

type Scope = "ClusterRole" | "Role";
const placed = (scope: Scope, name: string) => (scope === "Role" ? { name, namespace: ENVOY_NAMESPACE } : { name });

function role(kind: Scope, name: string, rules: readonly Rule[]): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: placed(kind, name),
    rules: rules.map(([group, resources, verbs]) => ({ apiGroups: [group], resources, verbs })),
  };
}

function binding(kind: Scope, name: string): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: `${kind}Binding`,
    metadata: placed(kind, name),
    roleRef: { apiGroup: RBAC, kind, name },
    subjects: [{ kind: "ServiceAccount", name, namespace: ENVOY_NAMESPACE }],
  };
}
