/**
 * Envoy Gateway: its control plane as objects of our own, after its chart gateway-helm of the same release, with the kinds of the
 * Gateway API and of the project; and one Gateway, which is what listens.
 */
import { createHash } from "node:crypto";
import type { ClusterSpec } from "../../spec/types";
import type { Ingress } from "../../spec/way-in";
import { GATEWAY_API } from "../catalogue";
import { ENVOY_GATEWAY } from "../catalogue-way-in";
import type { KubeObject } from "../objects";
import { objectsOf, type Upstream } from "../upstream";
import { gatewayObjects } from "./envoy-proxy";
import { envoyRights, ENVOY_NAMESPACE as NAMESPACE } from "./envoy-rights";
import { serviceFamilies, tolerations } from "./exposure";

const NAME = "envoy-gateway";
const LABELS = { "control-plane": NAME };
const PORTS = { grpc: 18000, ratelimit: 18001, wasm: 18002, metrics: 19001 } as const;

/** The objects of Envoy Gateway. Throws Error when the kinds cannot be had. */
export function envoyGateway(spec: ClusterSpec, ingress: Ingress, upstream: Upstream): KubeObject[] {
  const release = ENVOY_GATEWAY[ingress.version as keyof typeof ENVOY_GATEWAY];
  if (release === undefined) throw new Error(`ingress.version: the catalogue has no Envoy Gateway ${ingress.version}`);
  const kinds = [...GATEWAY_API["1.6.1"], ...release.kinds].flatMap((file) => objectsOf(upstream, file));
  const config = configuration(release.image);
  return [
    ...kinds,
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
    ...envoyRights(),
    config,
    service(spec),
    certificates(spec, release.image),
    controller(spec, release.image, config),
    ...gatewayObjects(spec, ingress),
  ];
}

/** The shutdown manager is a container beside each Envoy; what the program itself takes for it is an image for its developers. */
function configuration(image: string): KubeObject {
  const settings = {
    apiVersion: "gateway.envoyproxy.io/v1alpha1",
    kind: "EnvoyGateway",
    gateway: { controllerName: "gateway.envoyproxy.io/gatewayclass-controller" },
    provider: { type: "Kubernetes", kubernetes: { shutdownManager: { image } } },
    proxyTopologyInjector: { disabled: true },
    logging: { level: { default: "info" } },
  };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "envoy-gateway-config", namespace: NAMESPACE },
    // JSON is YAML
    data: { "envoy-gateway.yaml": `${JSON.stringify(settings, null, 2)}\n` },
  };
}

/** Envoys ask their controller here, over the families that they have. */
function service(spec: ClusterSpec): KubeObject {
  const ports = Object.entries(PORTS).map(([name, port]) => ({ name, port, targetPort: port, protocol: "TCP" }));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: { type: "ClusterIP", ...serviceFamilies(spec), selector: LABELS, ports },
  };
}

const RESTRICTED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
};
const POD = { runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: { type: "RuntimeDefault" } };

const environment = ({ network: { dnsDomain } }: ClusterSpec) => [
  { name: "ENVOY_GATEWAY_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
  { name: "KUBERNETES_CLUSTER_DOMAIN", value: dnsDomain },
];

/** Makes the certificates with which the controller and its Envoys know each other, once. */
function certificates(spec: ClusterSpec, image: string): KubeObject {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "envoy-gateway-certgen", namespace: NAMESPACE },
    spec: {
      backoffLimit: 3,
      template: {
        metadata: { labels: { app: "certgen" } },
        spec: {
          serviceAccountName: "envoy-gateway-certgen",
          restartPolicy: "Never",
          tolerations: tolerations(spec),
          securityContext: POD,
          containers: [
            {
              name: "envoy-gateway-certgen",
              image,
              command: ["envoy-gateway", "certgen"],
              args: ["--disable-topology-injector"],
              env: environment(spec),
              securityContext: RESTRICTED,
            },
          ],
        },
      },
    },
  };
}

function controller(spec: ClusterSpec, image: string, config: KubeObject): KubeObject {
  const probe = (path: string) => ({ httpGet: { path, port: 8081 } });
  const digest = createHash("sha256").update(JSON.stringify(config.data)).digest("hex").slice(0, 16);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS, annotations: { "dualstack/config": digest } },
        spec: {
          serviceAccountName: NAME,
          tolerations: tolerations(spec),
          nodeSelector: { "kubernetes.io/os": "linux" },
          securityContext: POD,
          terminationGracePeriodSeconds: 10,
          containers: [
            {
              name: NAME,
              image,
              args: ["server", "--config-path=/config/envoy-gateway.yaml"],
              env: environment(spec),
              ports: Object.entries(PORTS).map(([name, containerPort]) => ({ name, containerPort })),
              resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } },
              startupProbe: { ...probe("/healthz"), failureThreshold: 30, periodSeconds: 1 },
              livenessProbe: { ...probe("/healthz"), periodSeconds: 20 },
              readinessProbe: { ...probe("/readyz"), periodSeconds: 5 },
              securityContext: RESTRICTED,
              volumeMounts: [
                { name: "config", mountPath: "/config", readOnly: true },
                { name: "certs", mountPath: "/certs", readOnly: true },
                { name: "wasm-cache", mountPath: "/var/lib/eg/wasm" },
              ],
            },
          ],
          volumes: [
            { name: "config", configMap: { name: "envoy-gateway-config" } },
            { name: "certs", secret: { secretName: NAME } },
            { name: "wasm-cache", emptyDir: {} },
          ],
        },
      },
    },
  };
}
