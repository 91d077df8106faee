// A web server on both families of a cluster: inside by a Service and by the names of its pods, from outside by node ports
// and, when `ingressHost` is set, by an ingress.
//   pulumi config set spec ../../lab.yaml           the spec of the cluster
//   pulumi config set --secret kubeconfig "$(...)"  output kubeconfig of its stack
//   pulumi up, then try the commands of output `tryIt`
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { DualStackService, loadSpec } from "dualstack";

const config = new pulumi.Config();
const { spec } = loadSpec(config.require("spec"));
const cluster = spec.network.families;
const image = config.get("image") ?? "nginx:1.29";
const args = config.getObject<string[]>("args");
const port = config.getNumber("port") ?? 80;
const nodePort = config.getNumber("nodePort") ?? 30080;
const ingressHost = config.get("ingressHost");

const provider = new kubernetes.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });
const options = { provider };
const name = "common-nginx";
const labels = { app: name };

new kubernetes.apps.v1.Deployment(
  name,
  {
    metadata: { name, labels },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: "web",
              image,
              ...(args && { args }),
              // nginx listens on [::]:80 too when the pod has IPv6; a server that has only 0.0.0.0 gets no packet of IPv6
              ports: [{ containerPort: port }],
              readinessProbe: { httpGet: { path: "/", port } },
            },
          ],
        },
      },
    },
  },
  options,
);

const ports = [{ name: "http", port: 80, targetPort: port }];
// every family that the cluster has; the first one is that of the Service's address for good
const inside = new DualStackService(name, { cluster, metadata: { name }, selector: labels, ports }, options);
// no address of its own: DNS answers with A and AAAA records of the pods
const pods = `${name}-pods`;
new DualStackService(pods, { cluster, metadata: { name: pods }, headless: true, selector: labels, ports }, options);
const outside = `${name}-nodes`;
new DualStackService(
  outside,
  {
    cluster,
    metadata: { name: outside },
    type: "NodePort",
    selector: labels,
    ports: [{ name: "http", port: 80, targetPort: port, nodePort }],
  },
  options,
);

if (ingressHost !== undefined) {
  new kubernetes.networking.v1.Ingress(
    name,
    {
      metadata: { name },
      spec: {
        ...(config.get("ingressClass") && { ingressClassName: config.get("ingressClass") }),
        rules: [
          {
            host: ingressHost,
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name, port: { name: "http" } } } }],
            },
          },
        ],
      },
    },
    options,
  );
}

export const addresses = inside.clusterIPs;
export const names = [`${name}.default.svc.${spec.network.dnsDomain}`, `${pods}.default.svc.${spec.network.dnsDomain}`];
export const tryIt = spec.hosts.flatMap(({ addresses: { ipv4, ipv6 } }) => [
  ...(ipv4 ? [`curl -g -4 http://${ipv4}:${nodePort}/`] : []),
  ...(ipv6 ? [`curl -g -6 http://[${ipv6}]:${nodePort}/`] : []),
]);
