/**
 * Every file of another project that lands in a cluster: where its project publishes it, and the digest of what was looked at here.
 * A new release is a new entry; what it changes shows in the golden trees.
 */
import { ENVOY_GATEWAY, KONG, OWN_IMAGES } from "./catalogue-way-in";

/** A file of a project's release, pinned. */
export interface Pinned {
  /** Its place in a mirror folder or below a mirror's URL. */
  readonly path: string;
  /** Where its project publishes it. */
  readonly url: string;
  /** SHA-256 of its bytes, hex. */
  readonly sha256: string;
  /** Of a chart: what {@link treeDigest} says of its folder in its project's repository at the release's tag. */
  readonly tree?: string;
  /** The images that it starts, also those that an operator of it starts. */
  readonly images: readonly string[];
}

function release(folder: string, base: string) {
  return (name: string, sha256: string, images: readonly string[] = [], place = name): Pinned => ({
    path: `${folder}/${name}`,
    url: `${base}/${place}`,
    sha256,
    images,
  });
}

const RAW = "https://raw.githubusercontent.com";

const calico = release("calico-v3.32.1", `${RAW}/projectcalico/calico/v3.32.1/manifests`);
const quay = (...names: string[]) => names.map((name) => `quay.io/calico/${name}:v3.32.1`);
const NODE = quay("cni", "kube-controllers", "node");

/** Calico by release; the operator's release goes with it (manifests/tigera-operator.yaml of the same tag). */
export const CALICO = {
  "3.32.1": {
    kubernetes: calico("calico.yaml", "a1df919d9721cf667accdc3e72848911b0cb25cfab7d2478ad0c996302c95744", NODE),
    typha: calico("calico-typha.yaml", "7ecc42a5ca2bd47764384f5c52b89b007c06cbf907fd3214c1cf4abc75ead76f", [
      ...NODE,
      ...quay("typha"),
    ]),
    etcd: calico("calico-etcd.yaml", "1d9a209976d7f2874cd5a9a74f5fa5e8d065e890d4b3e1cb136c6df550d18521", NODE),
    operator: calico("tigera-operator.yaml", "f18e073794207d372606bc3ea6f8fd73972f86d6828f4ba666dfe0d4aa8ab07f", [
      "quay.io/tigera/operator:v1.42.3",
      ...NODE,
      ...quay("typha", "csi", "node-driver-registrar", "pod2daemon-flexvol"),
    ]),
  },
} as const;

const cilium = release("cilium-v1.20.0", "https://helm.cilium.io");

/** Charts of Cilium by release. */
export const CILIUM = {
  "1.20.0": {
    ...cilium("cilium-1.20.0.tgz", "c5f013912360d1a334f44ef25f36da59ba3414cdb48f466ee12d0c4fdff27883", [
      "quay.io/cilium/cilium:v1.20.0@sha256:383968cd5e8873f7976fa76aa6196045643558f4cc9518a207b9335cb24a0e93",
      "quay.io/cilium/operator-generic:v1.20.0@sha256:80744a8cc7c91c2f9e6347629406844eb35d79b30a732c6d41c15b17232a74f3",
      "quay.io/cilium/cilium-envoy:v1.37.5-1782911245-7cffc778c923f68a77954a53b1a98d6b5353f004@sha256:583057dd4f7d54cd41efff3c413aa0b148ac201f522e2c3336851fa89c78b039",
    ]),
    tree: "ce6bb8507479d0c984da943c67750bb0c668664a9405643c71e42168d727e829",
  },
} as const;

const flannelImages = (version: string, plugin: string) => [
  `ghcr.io/flannel-io/flannel:v${version}`,
  `ghcr.io/flannel-io/flannel-cni-plugin:${plugin}`,
];

/** flannel's objects are dualstack's own (addons/flannel.ts): the default add-on needs no download. Its images by release. */
export const FLANNEL: { readonly [version: string]: readonly [flannel: string, cniPlugin: string] } = {
  "0.26.7": flannelImages("0.26.7", "v1.6.2-flannel1") as [string, string],
  "0.28.9": flannelImages("0.28.9", "v1.9.1-flannel3") as [string, string],
};

const metallb = (version: string, frr: readonly string[], native: string, frrK8s: string) => {
  const file = release(`metallb-v${version}`, `${RAW}/metallb/metallb/v${version}/config/manifests`);
  const images = ["controller", "speaker"].map((name) => `quay.io/metallb/${name}:v${version}`);
  return {
    native: file("metallb-native.yaml", native, images),
    frr: file("metallb-frr-k8s.yaml", frrK8s, [...images, ...frr]),
  };
};

/** MetalLB by release and by who speaks BGP. */
export const METALLB = {
  "0.16.1": metallb(
    "0.16.1",
    ["quay.io/frrouting/frr:10.4.3", "quay.io/metallb/frr-k8s:v0.0.25"],
    "bf25feebb7582ca7df845efd52ffbc2960d6cbf4cfc972f47fded9f788b67f0b",
    "19313e5031714cc1489b3b0ed0ae6e58be0e92538b4a5ed9c529c847ef2bac62",
  ),
  "0.15.2": metallb(
    "0.15.2",
    ["gcr.io/kubebuilder/kube-rbac-proxy:v0.13.1", "quay.io/frrouting/frr:9.1.0", "quay.io/metallb/frr-k8s:v0.0.20"],
    "a1b04c376fb39c93265f551fe23716a3ae6e09b790edb3bf257d3fc784c35a18",
    "267dd45df04499a477840308988b551cd8435b01f55f92443f931b56095ea171",
  ),
} as const;

const nginx = release(
  "ingress-nginx-v1.15.1",
  `${RAW}/kubernetes/ingress-nginx/controller-v1.15.1/deploy/static/provider`,
);
const NGINX = [
  "registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:594ceea76b01c592858f803f9ff4d2cb40542cae2060410b2c95f75907d659e1",
  "registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.9@sha256:01038e7de14b78d702d2849c3aad72fd25903c4765af63cf16aa3398f5d5f2dd",
];

/** ingress-nginx, its last release. */
export const INGRESS_NGINX = {
  "1.15.1": {
    nodePort: nginx(
      "baremetal.yaml",
      "16b9b62df45b8ed8f1ecaed0341d583b3360e4b63c41fe00413f6a1fa2f95bec",
      NGINX,
      "baremetal/deploy.yaml",
    ),
    loadBalancer: nginx(
      "cloud.yaml",
      "502fddca66b09c20dd48b6d0a792a9671cd663a3a0d2a8bda5ae990d13b6c5b2",
      NGINX,
      "cloud/deploy.yaml",
    ),
  },
} as const;

const gateway = release("gateway-api-v1.6.1", `${RAW}/kubernetes-sigs/gateway-api/v1.6.1/config/crd/standard`);
const gatewayKind = (name: string, sha256: string) =>
  gateway(`${name}.yaml`, sha256, [], `gateway.networking.k8s.io_${name}.yaml`);

/** The kinds of the Gateway API, standard channel. */
export const GATEWAY_API = {
  "1.6.1": [
    gatewayKind("backendtlspolicies", "0d48c9e4b53dd9510cf615b9b1192d9d7afb07a1cc0498c9515627cb1c075419"),
    gatewayKind("gatewayclasses", "53710048ba26f8620eed59d5e51b157ecf040daf5c6eef31a4b991e0808c4be5"),
    gatewayKind("gateways", "25b885f5870b8fff1ae82efa2628b2761cef3745900c2aecf8fb76629a01255a"),
    gatewayKind("grpcroutes", "53a8d029da8f07e55d3fa58a5cf6de5950dab19fbb8d6a8082fb5e51ca5ef6fc"),
    gatewayKind("httproutes", "a424a0d6c953b162e71d1d97bb7e75012d8f1ac264e7274f2763d1b96ab39852"),
    gatewayKind("listenersets", "bf4d4b02564999b2558b96e31465129895db9b3a8adfb90adb9c80eac52a3a70"),
    gatewayKind("referencegrants", "8c645e9333cfa67790cc2a53e0c00076f88b2bd4230d2b49688c78bc34f9b2c3"),
    gatewayKind("tcproutes", "d5104d0cf30e924f5e3c9e2e76abd46876401c34ca33b9e79321523eee78c7f6"),
    gatewayKind("tlsroutes", "bb8b67926e5d9652cbfd2e19063b7c1d9e78806c9dd671608f57baef2f2e3bbb"),
    gatewayKind("udproutes", "4b80684c2bf8ef4b0a2a3ab45164ac9f96258fc69912645ff50ced595b0aa6de"),
    gatewayKind("vap_safeupgrades", "afb0ea1b3cc2e9344d93b0926fbe741aeb48ab4439f9f7b4b77b9ac94faf6c2e"),
  ],
} as const;

/** All of the catalogue. */
export function everyFile(): Pinned[] {
  return filesIn({ CALICO, CILIUM, METALLB, INGRESS_NGINX, GATEWAY_API, KONG, ENVOY_GATEWAY });
}

function filesIn(entry: unknown): Pinned[] {
  if (typeof entry !== "object" || entry === null) return [];
  return "sha256" in entry ? [entry as Pinned] : Object.values(entry).flatMap(filesIn);
}

/** The images of all of the catalogue, each once. */
export function everyImage(): string[] {
  const own = [...Object.values(FLANNEL).flat(), ...OWN_IMAGES];
  const all = [...everyFile().flatMap(({ images }) => images), ...own];
  return [...new Set(all)].sort();
}
