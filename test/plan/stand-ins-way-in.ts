/** Stand-ins for the files of ingress controllers and of MetalLB: of each the objects that dualstack changes, written here. */
import { INGRESS_NGINX, METALLB } from "../../addons/catalogue";
import { KONG } from "../../addons/catalogue-way-in";

const meta = (name: string, namespace: string) => ({ name, namespace });
const service = (name: string, namespace: string) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: meta(name, namespace),
  spec: { selector: { app: name }, ports: [{ port: 80 }] },
});
const ingressClass = (name: string) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "IngressClass",
  metadata: { name },
  spec: { controller: `example/${name}` },
});
const workload = (kind: string, name: string, namespace: string, containers: readonly object[]) => ({
  apiVersion: kind === "Job" ? "batch/v1" : "apps/v1",
  kind,
  metadata: meta(name, namespace),
  spec: { template: { metadata: { labels: { app: name } }, spec: { containers, volumes: [] } } },
});

const PROXY_PORTS = ["proxy", "proxy-ssl", "status"].map((name, i) => ({ name, containerPort: 8000 + i }));
const kong = [
  ingressClass("kong"),
  service("kong-proxy", "kong"),
  workload("Deployment", "ingress-kong", "kong", [
    { name: "proxy", image: "kong-placeholder", env: [], ports: PROXY_PORTS },
    { name: "ingress-controller", image: "kic-placeholder", env: [] },
  ]),
];

const NGINX = "ingress-nginx";
const CONTROLLER = "ingress-nginx-controller";
const job = (name: string) => workload("Job", name, NGINX, [{ name, image: "certgen" }]);
const nginx = [
  { apiVersion: "v1", kind: "ConfigMap", metadata: meta(CONTROLLER, NGINX), data: {} },
  service(CONTROLLER, NGINX),
  workload("Deployment", CONTROLLER, NGINX, [
    {
      name: "controller",
      image: "controller",
      args: ["/nginx-ingress-controller"],
      ports: ["http", "https", "webhook"].map((name) => ({ name, containerPort: 80 })),
    },
  ]),
  ingressClass("nginx"),
  job("ingress-nginx-admission-create"),
  job("ingress-nginx-admission-patch"),
];

const metallb = [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "metallb-webhook-configuration" },
    webhooks: [{ name: "ipaddresspoolvalidationwebhook.metallb.io", failurePolicy: "Fail" }],
  },
];

/** The objects by the path of their file; Kong's are all in the first of its files. */
export const WAY_IN_MANIFESTS: { readonly [path: string]: readonly object[] } = {
  [KONG["3.5.13"].files[0].path]: kong,
  [INGRESS_NGINX["1.15.1"].nodePort.path]: nginx,
  [INGRESS_NGINX["1.15.1"].loadBalancer.path]: nginx,
  [METALLB["0.16.1"].native.path]: metallb,
};
