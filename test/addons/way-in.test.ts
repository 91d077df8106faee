/** Ingress controllers and the load balancer, as objects. What is made of their projects' files is tried on the real ones. */
import { addons } from "../../addons";
import { GATEWAY_API, INGRESS_NGINX, METALLB } from "../../addons/catalogue";
import { ENVOY_GATEWAY, KONG } from "../../addons/catalogue-way-in";
import { type KubeObject, objectName } from "../../addons/objects";
import { parseSpec } from "../../spec";
import { describeWith, REAL, why } from "../upstream";

const metallb = METALLB["0.16.1"].native;
const kong = KONG["3.5.13"].files;
const nginx = INGRESS_NGINX["1.15.1"];
const envoy = [...GATEWAY_API["1.6.1"], ...ENVOY_GATEWAY["1.9.1"].kinds];

const HOSTS = `
hosts:
  - name: cp-1
    role: control-plane
    interfaces: [{name: eth0, ipv4: {address: 192.168.1.11/24, gateway: 192.168.1.1}, ipv6: {address: "fd00:1::11/64", gateway: "fe80::1"}}]
  - name: worker-1
    role: worker
    interfaces: [{name: eth0, ipv4: {address: 192.168.1.12/24, gateway: 192.168.1.1}, ipv6: {address: "fd00:1::12/64", gateway: "fe80::1"}}]
`;
const POOL = '{name: default, ipv4: 192.168.1.200-192.168.1.220, ipv6: "fd00:1::200-fd00:1::220"}';
const L2 = `loadBalancer: {kind: metallb, pools: [${POOL}]}`;
const FOUR_POOL = "{name: default, ipv4: 192.168.1.200-192.168.1.220}";

/** Kinds of other projects are megabytes of YAML: each spec is planned once. */
const planned = new Map<string, KubeObject[]>();

function objectsOf(top: string): KubeObject[] {
  const known = planned.get(top) ?? plan(top);
  planned.set(top, known);
  return known;
}

function plan(top: string): KubeObject[] {
  const { spec } = parseSpec(`name: lab\n${top}\n${HOSTS}`, { file: "lab.yaml", placeholderKey: "key" });
  return addons(spec, REAL).map(({ object }) => object);
}

function find(objects: readonly KubeObject[], kind: string, name: string): any {
  const found = objects.find((one) => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name} in ${objects.map(objectName).join(", ")}`);
  return found;
}

const args = (workload: any): string[] => workload.spec.template.spec.containers[0].args;

describe("Traefik", () => {
  test("is on every node behind ports of the nodes, with a Service of both families that keeps the client's address", () => {
    const objects = objectsOf("ingress: [{kind: traefik}]");
    expect(find(objects, "Service", "traefik").spec).toMatchObject({
      type: "NodePort",
      ipFamilyPolicy: "RequireDualStack",
      ipFamilies: ["IPv4", "IPv6"],
      externalTrafficPolicy: "Local",
      ports: [
        { port: 80, nodePort: 30080 },
        { port: 443, nodePort: 30443 },
      ],
    });
    const pods = find(objects, "DaemonSet", "traefik");
    expect(args(pods)).toContain("--entrypoints.websecure.address=:8443");
    expect(args(pods).join()).not.toContain("publishedservice");
    expect(find(objects, "IngressClass", "traefik").metadata.annotations).toEqual({
      "ingressclass.kubernetes.io/is-default-class": "true",
    });
  });

  test("listens on the one family of a cluster that has one", () => {
    const of = (family: string) => objectsOf(`network: {families: [${family}]}\ningress: [{kind: traefik}]`);
    expect(args(find(of("ipv4"), "DaemonSet", "traefik"))).toContain("--entrypoints.web.address=0.0.0.0:8000");
    expect(args(find(of("ipv6"), "DaemonSet", "traefik"))).toContain("--entrypoints.web.address=[::]:8000");
    expect(find(of("ipv6"), "Service", "traefik").spec).toMatchObject({
      ipFamilyPolicy: "SingleStack",
      ipFamilies: ["IPv6"],
    });
  });

  test("has the families in the order of the cluster", () => {
    const objects = objectsOf("network: {families: [ipv6, ipv4]}\ningress: [{kind: traefik}]");
    expect(find(objects, "Service", "traefik").spec.ipFamilies).toEqual(["IPv6", "IPv4"]);
  });

  test("takes ports 80 and 443 of the nodes only in a namespace that may", () => {
    const objects = objectsOf("ingress: [{kind: traefik, expose: host-port}]");
    const [container] = find(objects, "DaemonSet", "traefik").spec.template.spec.containers;
    expect(container.ports.map(({ hostPort }: { hostPort?: number }) => hostPort)).toEqual([80, 443, undefined]);
    expect(find(objects, "Service", "traefik").spec.type).toBe("ClusterIP");
    expect(find(objects, "Namespace", "traefik").metadata.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "privileged",
    });
  });

  test("reads the default certificate from a Secret that may come later, and starts anew when the file about it changes", () => {
    const objects = objectsOf("ingress: [{kind: traefik, certificate: default-tls, keepClientAddress: false}]");
    const { template } = find(objects, "DaemonSet", "traefik").spec;
    expect(template.spec.volumes[0].projected.sources).toContainEqual({
      secret: { name: "default-tls", optional: true },
    });
    expect(template.metadata.annotations["dualstack/config"]).toMatch(/^[0-9a-f]{16}$/);
    expect(find(objects, "ConfigMap", "traefik-tls").data["tls.yaml"]).toContain("/etc/traefik/dynamic/tls.crt");
    expect(find(objects, "Service", "traefik").spec.externalTrafficPolicy).toBe("Cluster");
  });
});

test("Services are not waited for: their pods wait for them", () => {
  const { annotations } = find(objectsOf("ingress: [{kind: traefik}]"), "Service", "traefik").metadata;
  expect(annotations["pulumi.com/skipAwait"]).toBe("true");
});

describeWith(metallb)(`MetalLB${why(metallb)}`, () => {
  test("has one pool with both families, in the order of the cluster", () => {
    const objects = objectsOf(`network: {families: [ipv6, ipv4]}\n${L2}`);
    expect(find(objects, "IPAddressPool", "default").spec).toEqual({
      addresses: ["fd00:1::200-fd00:1::220", "192.168.1.200-192.168.1.220"],
      autoAssign: true,
      avoidBuggyIPs: false,
    });
    expect(find(objects, "L2Advertisement", "default").spec).toEqual({});
    expect(objects.filter(({ kind }) => kind === "BGPPeer")).toEqual([]);
  });

  test("does not refuse pools while its controller starts", () => {
    const { webhooks, metadata } = find(
      objectsOf(L2),
      "ValidatingWebhookConfiguration",
      "metallb-webhook-configuration",
    );
    expect(new Set(webhooks.map((one: { failurePolicy: string }) => one.failurePolicy))).toEqual(new Set(["Ignore"]));
    expect(metadata).not.toHaveProperty("creationTimestamp");
  });

  const bgp = (pool: string, peers: string) =>
    `loadBalancer: {kind: metallb, mode: bgp, bgp: {asn: 64500, peers: [${peers}]}, pools: [${pool}]}`;
  const four = "{address: 192.168.1.1, asn: 64501}";
  const six = '{address: "fd00:1::1", asn: 64501}';

  test("speaks BGP by FRR where there is IPv6, and carries both families in a session when the routers are of one", () => {
    const both = objectsOf(bgp(POOL, `${four}, ${six}`));
    const one = objectsOf(bgp(POOL, four));
    expect(find(both, "DaemonSet", "frr-k8s-daemon")).toBeDefined();
    expect(find(both, "BGPPeer", "peer-fd00-1-1").spec).toEqual({
      myASN: 64500,
      peerASN: 64501,
      peerAddress: "fd00:1::1",
    });
    expect(find(one, "BGPPeer", "peer-192-168-1-1").spec).toMatchObject({ dualStackAddressFamily: true });
    expect(find(one, "BGPAdvertisement", "default").spec).toEqual({});
  });

  test("needs no FRR for IPv4 alone", () => {
    const objects = objectsOf(`network: {families: [ipv4]}\n${bgp(FOUR_POOL, four)}`);
    expect(objects.some(({ metadata }) => metadata.name.startsWith("frr"))).toBe(false);
    expect(find(objects, "BGPPeer", "peer-192-168-1-1").spec).not.toHaveProperty("dualStackAddressFamily");
  });

  test("gives a controller the pool or the fixed addresses that it asks for", () => {
    const fixed = 'addresses: {ipv4: 192.168.1.201, ipv6: "fd00:1::201"}';
    const objects = objectsOf(`${L2}\ningress: [{kind: traefik, pool: default, ${fixed}}]`);
    const { metadata, spec } = find(objects, "Service", "traefik");
    expect(metadata.annotations).toMatchObject({
      "metallb.io/address-pool": "default",
      "metallb.io/loadBalancerIPs": "192.168.1.201,fd00:1::201",
    });
    expect(spec).toMatchObject({ type: "LoadBalancer", allocateLoadBalancerNodePorts: false });
    expect(args(find(objects, "Deployment", "traefik"))).toContain(
      "--providers.kubernetesingress.ingressendpoint.publishedservice=traefik/traefik",
    );
  });
});

describeWith(...kong)(`Kong${why(...kong)}`, () => {
  const env = (objects: KubeObject[]) => {
    const [proxy] = find(objects, "DaemonSet", "ingress-kong").spec.template.spec.containers;
    return Object.fromEntries(proxy.env.map(({ name, value }: { name: string; value: string }) => [name, value]));
  };

  test("listens on every family for the proxy, TLS and HTTP/2; the administration stays local", () => {
    expect(env(objectsOf("ingress: [{kind: kong}]"))).toMatchObject({
      KONG_PROXY_LISTEN:
        "0.0.0.0:8000 reuseport backlog=16384, [::]:8000 reuseport backlog=16384, " +
        "0.0.0.0:8443 http2 ssl reuseport backlog=16384, [::]:8443 http2 ssl reuseport backlog=16384",
      KONG_ADMIN_LISTEN: "127.0.0.1:8444 http2 ssl reuseport backlog=16384",
      KONG_STATUS_LISTEN: "0.0.0.0:8100, [::]:8100",
    });
  });

  test("knows no family that the cluster has not", () => {
    const of = (family: string) => env(objectsOf(`network: {families: [${family}]}\ningress: [{kind: kong}]`));
    expect(of("ipv4").KONG_PROXY_LISTEN).not.toContain("[::]");
    expect(of("ipv6").KONG_PROXY_LISTEN).not.toContain("0.0.0.0");
    expect(of("ipv6").KONG_STATUS_LISTEN).toBe("[::]:8100");
  });

  test("has a Service of both families without the annotations for clouds, images for the placeholders, and its rights", () => {
    const objects = objectsOf("ingress: [{kind: kong}]");
    const { metadata, spec } = find(objects, "Service", "kong-proxy");
    expect(metadata.annotations).toEqual({ "pulumi.com/skipAwait": "true" });
    expect(spec).toMatchObject({ ipFamilyPolicy: "RequireDualStack", externalTrafficPolicy: "Local" });
    expect(JSON.stringify(objects)).not.toContain("placeholder");
    expect(find(objects, "Role", "kong-leader-election").metadata.namespace).toBe("kong");
    expect(find(objects, "ClusterRoleBinding", "kong-ingress").subjects[0].namespace).toBe("kong");
  });
});

describeWith(nginx.nodePort, nginx.loadBalancer)(`ingress-nginx${why(nginx.nodePort, nginx.loadBalancer)}`, () => {
  test("becomes dual-stack: its manifest says IPv4 and SingleStack", () => {
    expect(REAL.file(nginx.nodePort)).toContain("ipFamilyPolicy: SingleStack");
    const objects = objectsOf("ingress: [{kind: ingress-nginx}]");
    expect(find(objects, "Service", "ingress-nginx-controller").spec).toMatchObject({
      type: "NodePort",
      ipFamilyPolicy: "RequireDualStack",
      ipFamilies: ["IPv4", "IPv6"],
      externalTrafficPolicy: "Local",
    });
    expect(find(objects, "ConfigMap", "ingress-nginx-controller").data).toEqual({
      "disable-ipv6": "false",
      "disable-ipv6-dns": "false",
    });
    for (const name of ["create", "patch"]) {
      expect(find(objects, "Job", `ingress-nginx-admission-${name}`).spec).not.toHaveProperty(
        "ttlSecondsAfterFinished",
      );
    }
  });

  test("listens on no IPv6 where the cluster has none, and shows the certificate that is named", () => {
    const objects = objectsOf("network: {families: [ipv4]}\ningress: [{kind: ingress-nginx, certificate: wildcard}]");
    expect(find(objects, "ConfigMap", "ingress-nginx-controller").data["disable-ipv6"]).toBe("true");
    expect(args(find(objects, "DaemonSet", "ingress-nginx-controller"))).toContain(
      "--default-ssl-certificate=$(POD_NAMESPACE)/wildcard",
    );
  });

  test("is a Deployment of the cloud manifest behind a load balancer", () => {
    const objects = objectsOf(`${L2}\ningress: [{kind: ingress-nginx}]`);
    const { spec } = find(objects, "Deployment", "ingress-nginx-controller");
    expect(spec).toMatchObject({ replicas: 1, strategy: { type: "RollingUpdate" } });
    expect(find(objects, "Service", "ingress-nginx-controller").spec.type).toBe("LoadBalancer");
  });
});

describeWith(...envoy)(`Envoy Gateway${why(...envoy)}`, () => {
  const proxy = (top: string) => find(objectsOf(top), "EnvoyProxy", "envoy-gateway").spec;

  test("is told the families, and its Service their order and the ports of the nodes", () => {
    const { ipFamily, provider } = proxy(
      "network: {families: [ipv6, ipv4]}\ningress: [{kind: envoy-gateway, certificate: wildcard}]",
    );
    expect(ipFamily).toBe("DualStack");
    expect(provider.kubernetes.envoyService).toMatchObject({
      type: "NodePort",
      externalTrafficPolicy: "Local",
      patch: {
        value: {
          spec: {
            ipFamilies: ["IPv6", "IPv4"],
            ports: [
              { port: 80, nodePort: 30080 },
              { port: 443, nodePort: 30443 },
            ],
          },
        },
      },
    });
    expect(proxy("network: {families: [ipv6]}\ningress: [{kind: envoy-gateway}]").ipFamily).toBe("IPv6");
  });

  test("has an HTTPS listener only with a certificate to end it with", () => {
    const listeners = (top: string) => find(objectsOf(top), "Gateway", "default").spec.listeners;
    expect(listeners("ingress: [{kind: envoy-gateway}]")).toHaveLength(1);
    expect(listeners("ingress: [{kind: envoy-gateway, certificate: wildcard}]")[1]).toMatchObject({
      protocol: "HTTPS",
      tls: { certificateRefs: [{ name: "wildcard" }] },
    });
  });

  test("asks its controller over every family", () => {
    const { spec } = find(objectsOf("ingress: [{kind: envoy-gateway}]"), "Service", "envoy-gateway");
    expect(spec).toMatchObject({ ipFamilyPolicy: "RequireDualStack" });
  });
});
