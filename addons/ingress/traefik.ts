/**
 * Traefik as an Ingress controller, as objects of our own: its project publishes a chart, and no manifest. Rights after
 * docs/content/reference/dynamic-configuration/kubernetes-crd-rbac.yml of its repository, without those for kinds of its own.
 */
import { createHash } from "node:crypto";
import type { ClusterSpec } from "../../spec/types";
import type { Ingress } from "../../spec/way-in";
import { TRAEFIK } from "../catalogue-way-in";
import type { KubeObject } from "../objects";
import {
  balancerAnnotations,
  classAnnotations,
  exposedSpec,
  hostPort,
  listenOn,
  podSecurity,
  spread,
  tolerations,
  workload,
} from "./exposure";

const NAME = "traefik";
const LABELS = { app: NAME };
const PORTS = { http: 8000, https: 8443, health: 8080 } as const;
/** Where Traefik looks for files that change while it runs. */
const DYNAMIC = "/etc/traefik/dynamic";

/** The objects of Traefik, in the order in which they are created. */
export function traefik(spec: ClusterSpec, ingress: Ingress): KubeObject[] {
  const tls = ingress.certificate === undefined ? [] : [defaultCertificate()];
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: NAME, labels: { ...LABELS, ...podSecurity(ingress) } },
    },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace: NAME, labels: LABELS } },
    clusterRole,
    clusterRoleBinding,
    ...tls,
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: NAME, namespace: NAME, labels: LABELS, annotations: balancerAnnotations(spec, ingress) },
      spec: {
        ...exposedSpec(spec, ingress, [
          { name: "http", targetPort: "http" },
          { name: "https", targetPort: "https" },
        ]),
        selector: LABELS,
      },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "IngressClass",
      metadata: { name: NAME, labels: LABELS, annotations: classAnnotations(ingress) },
      spec: { controller: "traefik.io/ingress-controller" },
    },
    pods(spec, ingress, tls),
  ];
}

const clusterRole: KubeObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: NAME, labels: LABELS },
  rules: [
    { apiGroups: [""], resources: ["services", "secrets", "nodes"], verbs: ["get", "list", "watch"] },
    { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"], verbs: ["get", "list", "watch"] },
    { apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update"] },
  ],
};

const clusterRoleBinding: KubeObject = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRoleBinding",
  metadata: { name: NAME, labels: LABELS },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: NAME },
  subjects: [{ kind: "ServiceAccount", name: NAME, namespace: NAME }],
};

/** Traefik takes a default certificate from a file only, unless its own kinds are installed. */
function defaultCertificate(): KubeObject {
  const files = { certFile: `${DYNAMIC}/tls.crt`, keyFile: `${DYNAMIC}/tls.key` };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "traefik-tls", namespace: NAME, labels: LABELS },
    // JSON is YAML, and Traefik knows files by their ending
    data: {
      "tls.yaml": `${JSON.stringify({ tls: { stores: { default: { defaultCertificate: files } } } }, null, 2)}\n`,
    },
  };
}

/** Ingress status shows the addresses of the Service, which only a load balancer's has. */
function flags({ network: { families } }: ClusterSpec, { exposure, certificate }: Ingress): string[] {
  return [
    `--entrypoints.web.address=${listenOn(families, PORTS.http)}`,
    `--entrypoints.websecure.address=${listenOn(families, PORTS.https)}`,
    "--entrypoints.websecure.http.tls=true",
    `--entrypoints.traefik.address=${listenOn(families, PORTS.health)}`,
    "--ping=true",
    "--providers.kubernetesingress=true",
    "--providers.kubernetesingress.strictprefixmatching=true",
    ...(exposure.how === "load-balancer"
      ? [`--providers.kubernetesingress.ingressendpoint.publishedservice=${NAME}/${NAME}`]
      : []),
    ...(certificate === undefined ? [] : [`--providers.file.directory=${DYNAMIC}`]),
    "--global.checknewversion=false",
    "--global.sendanonymoususage=false",
  ];
}

function imageOf({ version }: Ingress): string {
  const image = TRAEFIK[version];
  if (image === undefined) throw new Error(`ingress.version: the catalogue has no Traefik ${version}`);
  return image;
}

function pods(spec: ClusterSpec, ingress: Ingress, configuration: readonly KubeObject[]): KubeObject {
  const { kind, spec: size } = workload(spec, ingress);
  const { certificate } = ingress;
  const probe = { httpGet: { path: "/ping", port: "health" }, periodSeconds: 5 };
  const port = (name: "http" | "https") => ({ name, containerPort: PORTS[name], ...hostPort(ingress, name) });
  const digest = createHash("sha256").update(JSON.stringify(configuration)).digest("hex").slice(0, 16);
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: NAME, namespace: NAME, labels: LABELS },
    spec: {
      ...size,
      selector: { matchLabels: LABELS },
      template: {
        metadata: {
          labels: LABELS,
          ...(certificate === undefined ? {} : { annotations: { "dualstack/config": digest } }),
        },
        spec: {
          serviceAccountName: NAME,
          tolerations: tolerations(spec),
          nodeSelector: { "kubernetes.io/os": "linux" },
          ...(kind === "Deployment" ? { topologySpreadConstraints: spread(LABELS) } : {}),
          securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: NAME,
              image: imageOf(ingress),
              args: flags(spec, ingress),
              ports: [port("http"), port("https"), { name: "health", containerPort: PORTS.health }],
              resources: { requests: { cpu: "50m", memory: "64Mi" } },
              readinessProbe: { ...probe, periodSeconds: 2 },
              livenessProbe: { ...probe, initialDelaySeconds: 10 },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              ...(certificate === undefined
                ? {}
                : { volumeMounts: [{ name: "dynamic", mountPath: DYNAMIC, readOnly: true }] }),
            },
          ],
          ...(certificate === undefined ? {} : { volumes: [dynamic(certificate)] }),
        },
      },
    },
  };
}

/** The Secret may come after the pod; until then Traefik refuses TLS (seen live). */
function dynamic(certificate: string) {
  const sources = [{ configMap: { name: "traefik-tls" } }, { secret: { name: certificate, optional: true } }];
  return { name: "dynamic", projected: { sources } };
}
