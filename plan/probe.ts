/** The objects that the connection checks use: one web server on every node, and a Service over all of them. Pure. */
import type { KubeObject } from "../addons/objects";
import { ipFamily } from "../spec/families";
import type { ClusterSpec } from "../spec/types";
import { PROBE } from "./checks";
import { backendContainer, wayInObjects } from "./probe-way-in";

const RESTRICTED = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** Namespace, DaemonSet and Service, then what ingress controllers and pools are tried with, in this order. The pods run without any right (Pod Security Standard "restricted"). */
export function probeObjects(spec: ClusterSpec): KubeObject[] {
  const { namespace, name, port } = PROBE;
  const { families } = spec.network;
  const labels = { app: name };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    {
      apiVersion: "apps/v1",
      kind: "DaemonSet",
      metadata: { name, namespace, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            tolerations: [{ operator: "Exists" }],
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 1,
            securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name,
                image: spec.verification.image,
                args: ["serve-hostname", "--http", `--port=${port}`],
                ports: [{ containerPort: port, protocol: "TCP" }],
                readinessProbe: { httpGet: { path: "/", port }, periodSeconds: 2 },
                securityContext: RESTRICTED,
              },
              ...backendContainer(spec, RESTRICTED),
            ],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace, labels },
      spec: {
        type: "NodePort",
        ipFamilyPolicy: families.length > 1 ? "RequireDualStack" : "SingleStack",
        ipFamilies: families.map(ipFamily),
        selector: labels,
        ports: [{ name: "http", port: 80, targetPort: port, protocol: "TCP" }],
      },
    },
    ...wayInObjects(spec, PROBE),
  ];
}
