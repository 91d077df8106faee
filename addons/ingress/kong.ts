/**
 * Kong with its Ingress controller, without a database: the objects of its project's config/base and config/rbac, with listeners
 * of every family of the cluster. Its own kinds (KongPlugin and others) are not among them; Ingress and IngressClass work without.
 */
import { type Family, inOrder, perFamily } from "../../spec/families";
import type { ClusterSpec } from "../../spec/types";
import type { Ingress } from "../../spec/way-in";
import { KONG } from "../catalogue-way-in";
import { type Container, changeContainer, changeObject, changePods, type Workload, withEnv } from "../change";
import type { KubeObject } from "../objects";
import { objectsOf, type Upstream } from "../upstream";
import {
  balancerAnnotations,
  classAnnotations,
  exposedSpec,
  hostPort,
  LISTEN,
  spread,
  tolerations,
  workload,
} from "./exposure";

const NAMESPACE = "kong";
const PORTS = { http: 8000, https: 8443, status: 8100 } as const;

/** The objects of Kong. Throws Error when its files cannot be had or are not what dualstack knows. */
export function kong(spec: ClusterSpec, ingress: Ingress, upstream: Upstream): KubeObject[] {
  const release = KONG[ingress.version as keyof typeof KONG];
  if (release === undefined) throw new Error(`ingress.version: the catalogue has no Kong ${ingress.version}`);
  const files = release.files.flatMap((file) => objectsOf(upstream, file));
  const changes: [kind: string, name: string, change: (object: KubeObject) => KubeObject][] = [
    ["IngressClass", "kong", (one) => withAnnotations(one, classAnnotations(ingress))],
    ["Service", "kong-proxy", (one) => service(spec, ingress, one)],
    ["Deployment", "ingress-kong", (one) => pods(spec, ingress, one as Workload, release.images)],
  ];
  const changed = changes.reduce<KubeObject[]>((all, change) => changeObject(all, ...change), files);
  return changed.map(inNamespace);
}

/** What kustomize's `namespace: kong` does with the files of config/rbac. */
function inNamespace(object: KubeObject): KubeObject {
  const isNamespaced = object.kind === "Role" || object.kind === "RoleBinding";
  const placed = isNamespaced ? { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } } : object;
  const subjects = (placed as { subjects?: readonly object[] }).subjects;
  return subjects === undefined
    ? placed
    : { ...placed, subjects: subjects.map((one) => ({ ...one, namespace: NAMESPACE })) };
}

function withAnnotations(object: KubeObject, annotations: { readonly [name: string]: string }): KubeObject {
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The annotations of the file are for clouds. */
function service(spec: ClusterSpec, ingress: Ingress, object: KubeObject): KubeObject {
  const { selector } = object.spec as { selector: object };
  const ports = [
    { name: "http", targetPort: PORTS.http },
    { name: "https", targetPort: PORTS.https },
  ] as const;
  const metadata = { ...object.metadata, annotations: balancerAnnotations(spec, ingress) };
  return { ...object, metadata, spec: { ...exposedSpec(spec, ingress, ports), selector } };
}

/** Kong's nginx listens on what is named, and on nothing else (docs.konghq.com: proxy_listen). */
function listen(families: readonly Family[], port: number, options: string): string {
  return inOrder(
    families,
    perFamily(families, (family) => `${LISTEN[family]}:${port}${options}`),
  ).join(", ");
}

/** The administration stays on the pod's own loopback; probes ask the pod's address of the primary family. */
function listeners({ network: { families } }: ClusterSpec): { [name: string]: string } {
  const plain = " reuseport backlog=16384";
  const secure = " http2 ssl reuseport backlog=16384";
  return {
    KONG_PROXY_LISTEN: `${listen(families, PORTS.http, plain)}, ${listen(families, PORTS.https, secure)}`,
    KONG_ADMIN_LISTEN: `127.0.0.1:8444${secure}`,
    KONG_STATUS_LISTEN: listen(families, PORTS.status, ""),
  };
}

/** Kong takes a default certificate by its files; the Secret may come later than the pod, which then has to be restarted. */
const CERTIFICATE = "/etc/kong/certificate";

function certificate({ certificate: name }: Ingress) {
  if (name === undefined) return { env: {}, mounts: [], volumes: [] };
  return {
    env: { KONG_SSL_CERT: `${CERTIFICATE}/tls.crt`, KONG_SSL_CERT_KEY: `${CERTIFICATE}/tls.key` },
    mounts: [{ name: "certificate", mountPath: CERTIFICATE, readOnly: true }],
    volumes: [{ name: "certificate", secret: { secretName: name } }],
  };
}

function pods(
  spec: ClusterSpec,
  ingress: Ingress,
  deployment: Workload,
  [proxyImage, controllerImage]: readonly [proxy: string, controller: string],
): KubeObject {
  const { kind, spec: size } = workload(spec, ingress);
  const { env, mounts, volumes } = certificate(ingress);
  const proxy = (one: Container): Container => ({
    ...withEnv(one, { ...listeners(spec), ...env }),
    image: proxyImage,
    ports: (one.ports as readonly { name: string }[]).map((port) => ({ ...port, ...hostPortOf(ingress, port.name) })),
    volumeMounts: mounts,
  });
  const controller = (one: Container): Container => ({ ...one, image: controllerImage });
  const whole = changePods(
    changeContainer(changeContainer(deployment, "proxy", proxy), "ingress-controller", controller),
    (pod) => ({
      ...pod,
      tolerations: tolerations(spec),
      ...(kind === "Deployment" ? { topologySpreadConstraints: spread({ app: "ingress-kong" }) } : {}),
      volumes: [...(pod.volumes as readonly object[]), ...volumes],
    }),
  );
  const { replicas: _, ...rest } = whole.spec as Workload["spec"] & { replicas?: number };
  return { ...whole, kind, spec: { ...size, ...rest } };
}

const NAMES: { readonly [port: string]: "http" | "https" } = { proxy: "http", "proxy-ssl": "https" };

function hostPortOf(ingress: Ingress, name: string): object {
  const port = NAMES[name];
  return port === undefined ? {} : hostPort(ingress, port);
}
