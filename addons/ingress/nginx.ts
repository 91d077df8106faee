/** ingress-nginx, the last release of its project, for those who have it still. Its manifest is for one family, and says so. */
import type { ClusterSpec } from "../../spec/types";
import type { Ingress } from "../../spec/way-in";
import { INGRESS_NGINX } from "../catalogue";
import { type Container, changeContainer, changeObject, changePods, type Workload } from "../change";
import type { KubeObject } from "../objects";
import { objectsOf, type Upstream } from "../upstream";
import {
  balancerAnnotations,
  classAnnotations,
  exposedSpec,
  hostPort,
  spread,
  tolerations,
  workload,
} from "./exposure";

const NAME = "ingress-nginx-controller";

/** The objects of ingress-nginx. Throws Error when its manifest cannot be had or is not what dualstack knows. */
export function ingressNginx(spec: ClusterSpec, ingress: Ingress, upstream: Upstream): KubeObject[] {
  const release = INGRESS_NGINX[ingress.version as keyof typeof INGRESS_NGINX];
  if (release === undefined) throw new Error(`ingress.version: the catalogue has no ingress-nginx ${ingress.version}`);
  const balanced = ingress.exposure.how === "load-balancer";
  const manifest = objectsOf(upstream, balanced ? release.loadBalancer : release.nodePort);
  const changes: [kind: string, name: string, change: (object: KubeObject) => KubeObject][] = [
    ["ConfigMap", NAME, (one) => ({ ...one, data: settings(spec) })],
    ["Service", NAME, (one) => service(spec, ingress, one)],
    ["Deployment", NAME, (one) => pods(spec, ingress, one as Workload)],
    [
      "IngressClass",
      "nginx",
      (one) => ({ ...one, metadata: { ...one.metadata, annotations: classAnnotations(ingress) } }),
    ],
    ["Job", "ingress-nginx-admission-create", kept],
    ["Job", "ingress-nginx-admission-patch", kept],
  ];
  return changes.reduce<KubeObject[]>((all, change) => changeObject(all, ...change), manifest);
}

/** A Job that is gone as soon as it is done cannot be seen to be done. */
function kept(job: KubeObject): KubeObject {
  const { ttlSecondsAfterFinished: _, ...spec } = job.spec as { ttlSecondsAfterFinished?: number };
  return { ...job, spec };
}

/** It listens on [::] too wherever the pod has IPv6 at all, unless it is told not to (docs/user-guide/nginx-configuration/configmap.md). */
function settings({ network: { families } }: ClusterSpec): { [key: string]: string } {
  const without = String(!families.includes("ipv6"));
  return { "disable-ipv6": without, "disable-ipv6-dns": without };
}

function service(spec: ClusterSpec, ingress: Ingress, object: KubeObject): KubeObject {
  const { selector } = object.spec as { selector: object };
  const ports = [
    { name: "http", targetPort: "http" },
    { name: "https", targetPort: "https" },
  ] as const;
  const metadata = { ...object.metadata, annotations: balancerAnnotations(spec, ingress) };
  return { ...object, metadata, spec: { ...exposedSpec(spec, ingress, ports), selector } };
}

function pods(spec: ClusterSpec, ingress: Ingress, deployment: Workload): KubeObject {
  const { kind, spec: size } = workload(spec, ingress);
  const controller = (one: Container): Container => ({
    ...one,
    args: [
      ...(one.args ?? []),
      ...(ingress.certificate === undefined
        ? []
        : [`--default-ssl-certificate=$(POD_NAMESPACE)/${ingress.certificate}`]),
    ],
    ports: (one.ports as readonly { name: string }[]).map((port) =>
      port.name === "http" || port.name === "https" ? { ...port, ...hostPort(ingress, port.name) } : port,
    ),
  });
  const labels = deployment.spec.template.metadata.labels ?? {};
  const whole = changePods(changeContainer(deployment, "controller", controller), (pod) => ({
    ...pod,
    tolerations: tolerations(spec),
    ...(kind === "Deployment" ? { topologySpreadConstraints: spread(labels) } : {}),
  }));
  const { strategy, ...rest } = whole.spec as Workload["spec"] & { strategy?: object };
  // the two kinds of workload have different words for it, and the same default
  const update = kind === "Deployment" ? { strategy } : { updateStrategy: strategy };
  return { ...whole, kind, spec: { ...size, ...update, ...rest } };
}
