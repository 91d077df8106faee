/** Every default and its reason. The values that follow from other values are worked out in spec/derive.ts. */
import { ADD_ONS } from "./add-ons";
import { Address, Cidr } from "./addresses";
import type { Family, PerFamily } from "./families";
import type { Default } from "./shapes";
import { INGRESS_VERSIONS } from "./way-in-versions";

function fixed<T>(value: T, why: string): Default<T> {
  return { value, text: Array.isArray(value) ? `[${value.join(", ")}]` : String(value), why };
}

function follows(text: string, why: string): Default<never> {
  return { text, why };
}

/** Ranges of pods; all of one family's nodes must fit (2^(nodeMask - prefix) of them). */
export const POD_RANGES: PerFamily<Cidr> = {
  ipv4: Cidr.parse("10.244.0.0/16"),
  ipv6: Cidr.parse("fd00:10:244::/56"),
};

/** Ranges of service addresses. */
export const SERVICE_RANGES: PerFamily<Cidr> = {
  ipv4: Cidr.parse("10.96.0.0/16"),
  ipv6: Cidr.parse("fd00:10:96::/112"),
};

/** Docker's network of a cluster in kind. */
export const KIND_RANGES: PerFamily<Cidr> = {
  ipv4: Cidr.parse("172.30.30.0/24"),
  ipv6: Cidr.parse("fd00:10:30::/64"),
};

/** kube-controller-manager's own node masks (its setNodeCIDRMaskSizes). */
export const NODE_MASKS: Readonly<Record<Family, number>> = { ipv4: 24, ipv6: 64 };

/** Where NodeLocal DNSCache listens (k/k cluster/addons/dns/nodelocaldns/README.md). */
export const NODE_LOCAL_IPV4 = Address.parse("169.254.20.10");

/** The port of the Kubernetes API (kubeadm's KubeAPIServerPort). */
export const API_PORT = 6443;

export const DEFAULTS = {
  platform: fixed("machine" as const, "hosts have a kernel of their own, except in a lab"),
  version: fixed("1.36.3", "the release that dualstack's own lab runs"),
  install: fixed("packages" as const, "the distribution's package manager keeps the programs up to date"),
  families: fixed<readonly Family[]>(["ipv4", "ipv6"], "IPv4 first: programs that know only one family still find it"),
  pods: follows(
    `${POD_RANGES.ipv4}, ${POD_RANGES.ipv6}`,
    "256 nodes of each family with the default node masks. The IPv6 range is a fixed one so that plans are reproducible; " +
      "clusters that may meet one day take their own random ULA /48 (RFC 4193), as `dualstack init` writes it",
  ),
  nodeMask: follows("ipv4 24, ipv6 64", "the masks that kube-controller-manager takes by itself"),
  services: follows(
    `${SERVICE_RANGES.ipv4}, ${SERVICE_RANGES.ipv6}`,
    "65536 addresses of each family; the service address allocator uses no more than an IPv6 /112",
  ),
  backend: fixed("systemd-networkd" as const, "the one network service that is part of systemd itself"),
  secondary: fixed<readonly never[]>([], "most interfaces have one address of a family"),
  routes: fixed<readonly never[]>([], "the link and the default route are enough"),
  advertisements: fixed(false, "addresses and routes are given, and no other machine of the link can change them"),
  privacy: fixed(false, "a node is known by its addresses, so they must not change"),
  addressGeneration: fixed("eui64" as const, "the same on every back end, and it says which card it is"),
  bondMode: fixed("active-backup" as const, "works with every switch, without settings there"),
  monitorInterval: fixed(100, "the value of the kernel's documentation (bonding.rst); the kernel's own 0 never looks"),
  interfaceDns: fixed<readonly never[]>([], "the host's own name servers stay"),
  search: fixed<readonly never[]>([], "the host's own domains stay"),
  dns: fixed<readonly never[]>([], "the name servers of each host"),
  dnsDomain: fixed("cluster.local", "kubeadm's own; many charts have it written into them"),
  endpoint: follows(
    `the primary address of the first control plane, port ${API_PORT}`,
    "needs no name service; give a name or virtual addresses before there is a second control plane",
  ),
  endpointPort: fixed(API_PORT, "kubeadm's own"),
  cni: fixed("flannel" as const, "the smallest network add-on that carries both families"),
  cniVersion: follows(
    Object.values(ADD_ONS)
      .map(({ title, versions }) => `${versions.at(-1)} of ${title}`)
      .join(", "),
    "the newest releases at the time of writing",
  ),
  cniBackend: fixed("vxlan" as const, "works on every network between the hosts, routed or not"),
  cniMtu: follows("what each add-on finds on the hosts' interfaces", "the hosts know it"),
  masquerade: follows(
    "the families whose pod range is private (RFC 1918, RFC 6598, RFC 4193); with flannel both when one is",
    "private addresses find no way back, public ones need no other; flannel cannot tell the families apart",
  ),
  calicoInstall: fixed("manifest" as const, "all that runs is in the plan"),
  blockIpv4: fixed(26, "Calico's own"),
  blockIpv6: fixed(122, "Calico's own"),
  ciliumIpam: fixed(
    "kubernetes" as const,
    "nodes get the ranges of the address plan; Cilium's own default ignores network.pods",
  ),
  proxyMode: follows(
    "nftables, and iptables before Kubernetes 1.33",
    "nftables is stable since 1.33 and becomes Kubernetes' own default in 1.40; it is always written, so an upgrade changes nothing",
  ),
  runtime: fixed("containerd" as const, "the one runtime that every release can use"),
  runtimeVersion: follows("the newest series that is tried with the release", "the table of containerd's RELEASES.md"),
  certificateNames: fixed<readonly never[]>([], "the endpoint and every control plane are named without being listed"),
  reserved: fixed<readonly never[]>([], "nothing is known of the world around the cluster"),
  nodePorts: fixed(
    "nodes" as const,
    "the hosts' own addresses of both families, and no address that was not asked for",
  ),
  nodeLocalDns: fixed(false, "the cluster's own DNS is enough for most clusters, and one part less"),
  nodeLocalIpv4: follows(
    String(NODE_LOCAL_IPV4),
    "the address of Kubernetes' own manifest; link-local, so no router knows it",
  ),
  nodeLocalIpv6: follows(
    "the tenth address behind the range of services",
    "a fe80:: address needs a zone, which resolv.conf of pods has not; this one is in the prefix of the cluster's own ranges and in no range of it",
  ),
  nodeLocalImage: fixed("registry.k8s.io/dns/k8s-dns-node-cache:1.26.4", "the one of Kubernetes' own manifest"),
  ipMasq: fixed(false, "the network add-on masquerades what leaves the cluster"),
  ipMasqKeep: fixed<readonly never[]>([], "nothing outside knows the way to the pods"),
  ipMasqImage: fixed("registry.k8s.io/networking/ip-masq-agent:v2.12.6", "the newest release at the time of writing"),
  patches: fixed<readonly never[]>([], "dualstack has a field for what most clusters need"),
  kindWorkers: fixed(1, "with one worker packets already cross from node to node"),
  kindImage: follows("kindest/node:v and kubernetes.version", "kind's own; a digest behind it pins it"),
  kindNetwork: fixed("kind", "kind's own"),
  kindIpv4: follows(String(KIND_RANGES.ipv4), "a fixed one, so that plans are reproducible"),
  kindIpv6: follows(String(KIND_RANGES.ipv6), "a fixed one, so that plans are reproducible"),
  sshUser: fixed("root", "every step needs root's rights"),
  sshPort: fixed(22, "RFC 4253"),
  sshAddress: follows("the host's first address of the primary family", "it is the address that the cluster uses too"),
  hostKey: follows("the host's line in ssh.knownHosts", "one file that ssh itself can use"),
  autoAssign: fixed(true, "a Service that asks for nothing in particular gets an address"),
  avoidBuggyIPs: fixed(false, "such addresses work, but for some old routers and firewalls"),
  metallbVersion: fixed("0.16.1", "the newest release at the time of writing"),
  balancerMode: fixed("l2" as const, "needs nothing of the routers"),
  ingressVersion: follows(
    Object.entries(INGRESS_VERSIONS)
      .map(([kind, [newest]]) => `${kind} ${newest}`)
      .join(", "),
    "the releases whose objects dualstack knows",
  ),
  expose: follows("load-balancer where there is a loadBalancer, else node-port", "what works without anything outside"),
  nodePortHttp: fixed(30080, "easy to remember, and free in a new cluster"),
  nodePortHttps: fixed(30443, "easy to remember, and free in a new cluster"),
  externalIPs: fixed<readonly never[]>([], "nobody leads addresses here unasked"),
  keepClientAddress: fixed(true, "logs and limits by address are of no use with a node's address in them"),
  ingresses: fixed<readonly never[]>([], "a cluster needs none to work"),
  keep: fixed(false, "what the checks made is not part of the cluster that was asked for"),
  image: fixed(
    "registry.k8s.io/e2e-test-images/agnhost:2.53",
    "the image with which Kubernetes tests its own networking; it answers in both families",
  ),
} as const;
