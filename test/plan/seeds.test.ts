/**
 * The five documents in which the task was first described, each as a spec in stacks/examples/, and every setting that a document
 * asks for: held by the plan, refused with the reason why the document is wrong or out of date, or left to a part of dualstack that
 * is not there yet. What is left says which words the plan must not hold yet, so that the row is looked at when it comes.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type AddressPlan, addressPlan } from "../../plan/addresses";
import { planCluster } from "../../plan/plan";
import { planTree } from "../../plan/tree";
import { type ClusterSpec, parseSpec } from "../../spec";
import { kubeadmDocuments } from "./kubeadm-files";

class Example {
  readonly spec: ClusterSpec;
  readonly tree: Map<string, string>;
  readonly addresses: AddressPlan;

  constructor(name: string) {
    const file = join(__dirname, "../../stacks/examples", `${name}.yaml`);
    this.spec = parseSpec(readFileSync(file, "utf8"), { file }).spec;
    this.tree = planTree(planCluster(this.spec));
    this.addresses = addressPlan(this.spec);
  }

  file(path: string, host = this.spec.hosts[0]!.name): string {
    return this.tree.get(`hosts/${host}${path}`) ?? `no file ${path} on ${host}`;
  }

  /** A document of kubeadm's files. */
  kubeadm(kind: string, host = this.spec.hosts[0]!.name): any {
    return kubeadmDocuments(this.tree, host).find((one) => one.kind === kind);
  }

  get cluster(): any {
    return this.kubeadm("ClusterConfiguration");
  }

  get proxy(): any {
    return this.kubeadm("KubeProxyConfiguration");
  }

  /** flannel's net-conf.json. */
  get flannel(): any {
    const [, text = ""] = [...this.tree].find(([path]) => path.includes("kube-flannel-cfg")) ?? [];
    return JSON.parse(parseAllDocuments(text)[0]!.toJS().data["net-conf.json"]);
  }

  /** The whole plan, but for the list of interfaces that any add-on might make. */
  get everything(): string {
    return [...this.tree]
      .filter(([path]) => !path.includes("/NetworkManager/conf.d/"))
      .map(([path, text]) => `${path}\n${text}`)
      .join("\n");
  }
}

type Row = readonly [asks: string, outcome: Held | { readonly wrong: string } | Later];
/** What the plan has, and what the document wants. */
type Held = (plan: Example) => readonly [has: unknown, wants: unknown];
interface Later {
  readonly later: string;
  readonly not: RegExp;
}

const SYSCTL = "/etc/sysctl.d/90-dualstack.conf";
const IFCFG = (name: string) => `/etc/sysconfig/network-scripts/ifcfg-${name}`;
const GATE = { IPv6DualStack: true };
const line = (text: string, ...lines: string[]) => [text.split("\n"), expect.arrayContaining(lines)] as const;

const DOCUMENTS: Record<string, readonly Row[]> = {
  "dual-2020": [
    [
      "IPV6INIT=yes, IPV6_AUTOCONF=no, IPV6ADDR=2003:ac18::30a:1/64",
      (p) => line(p.file(IFCFG("eth0")), "IPV6INIT=yes", "IPV6_AUTOCONF=no", "IPV6ADDR=2003:ac18::30a:1/64"),
    ],
    ["NETWORKING_IPV6=yes", (p) => line(p.file("/etc/sysconfig/network"), "NETWORKING_IPV6=yes")],
    [
      "default IPv6 route to 2003:ac18::30a:254",
      (p) => line(p.file(IFCFG("eth0")), "IPV6_DEFAULTGW=2003:ac18::30a:254"),
    ],
    [
      "IPV6_DEFAULTGW=2003:ac18::30a:ff/64",
      { wrong: "a gateway has no prefix length, and the routes below it go to ...:254" },
    ],
    [
      "modprobe.d: options ipv6 disable=0",
      (p) => [p.file("/etc/modprobe.d/dualstack-ipv6.conf"), "options ipv6 disable=0 disable_ipv6=0\n"],
    ],
    [
      "disable_ipv6 = 0 for all and default",
      (p) => line(p.file(SYSCTL), "net.ipv6.conf.all.disable_ipv6 = 0", "net.ipv6.conf.default.disable_ipv6 = 0"),
    ],
    ["disable_ipv6 = 0 for lo", { wrong: "all.disable_ipv6 sets every interface, lo too" }],
    ["IPv6 forwarding", (p) => line(p.file(SYSCTL), "net.ipv6.conf.all.forwarding = 1")],
    ["gate on kube-apiserver", (p) => [p.cluster.apiServer.extraArgs["feature-gates"], "IPv6DualStack=true"]],
    [
      "gate on kube-controller-manager",
      (p) => [p.cluster.controllerManager.extraArgs["feature-gates"], "IPv6DualStack=true"],
    ],
    ["gate on kubelet", (p) => [p.kubeadm("KubeletConfiguration").featureGates, GATE]],
    ["gate on kube-proxy", (p) => [p.proxy.featureGates, GATE]],
    [
      "--service-cluster-ip-range=10.96.0.0/12,fd00::/108",
      (p) => [p.cluster.networking.serviceSubnet, "10.96.0.0/12,fd00::/108"],
    ],
    ["--cluster-cidr=172.16.0.0/16,fc00::/48", (p) => [p.cluster.networking.podSubnet, "172.16.0.0/16,fc00::/48"]],
    [
      "--node-cidr-mask-size-ipv4=24 and -ipv6=64",
      (p) => [
        p.cluster.controllerManager.extraArgs,
        expect.objectContaining({ "node-cidr-mask-size-ipv4": "24", "node-cidr-mask-size-ipv6": "64" }),
      ],
    ],
    ["clusterCIDR of kube-proxy", (p) => [p.proxy.clusterCIDR, "172.16.0.0/16,fc00::/48"]],
    ["mode: iptables", (p) => [p.proxy.mode, "iptables"]],
    [
      "nodePortAddresses: 2003:ac18::30a:2/64 and 192.168.101.53/24",
      (p) => [p.proxy.nodePortAddresses, ["2003:ac18::/64", "192.168.101.0/24"]],
    ],
    [
      "nodePortAddresses with host bits",
      { wrong: "the field takes ranges; Kubernetes 1.36 refuses host bits in new objects (KEP-4858)" },
    ],
    ["mode: ipvs instead", () => [modeWhen("mode: iptables", "mode: ipvs"), "ipvs"]],
    [
      "flannel on both families",
      (p) => [
        p.flannel,
        expect.objectContaining({ EnableIPv6: true, IPv6Network: "fc00::/48", Backend: { Type: "vxlan" } }),
      ],
    ],
    [
      "flannel --auto-detect-ipv6",
      { wrong: "a flag of the author's own patch; released flannel looks for IPv6 when EnableIPv6 is set" },
    ],
    ["Calico with both pools, IP6=autodetect, FELIX_IPV6SUPPORT", { later: "Calico", not: /calico/i }],
    ["ingress-nginx and Kong on IPv6", { later: "ingress controllers", not: /ingress-nginx|kong/i }],
    [
      "Services with ipFamily: IPv6",
      { wrong: "the field left the API with 1.20; ipFamilies and ipFamilyPolicy took its place" },
    ],
    [
      "iptables -F when changing to ipvs",
      { wrong: "it drops the host's own rules too; kube-proxy --cleanup takes out its own" },
    ],
    [
      "delete the IPv6 default route in ipvs mode",
      { wrong: "the document calls it a test itself; flannel does not start without that route" },
    ],
  ],
  "dual-1.23": [
    ["no feature gate", (p) => [/feature-?gates/i.test(p.everything), false]],
    [
      "--service-cluster-ip-range with both families",
      (p) => [p.cluster.networking.serviceSubnet, "10.96.0.0/16,fd3c:9a1b:77d2:1600::/112"],
    ],
    [
      "--cluster-cidr with both families, 10.244.0.0/16 first",
      (p) => [p.cluster.networking.podSubnet, "10.244.0.0/16,fd3c:9a1b:77d2:1500::/56"],
    ],
    [
      "IPv6 pods fdXY:IJKL:MNOP:15::/64",
      { wrong: "a /64 is the range of one node with the default mask that the document names; a /56 holds 256 nodes" },
    ],
    [
      "node masks 24 and 64",
      (p) => [
        p.cluster.controllerManager.extraArgs,
        { "node-cidr-mask-size-ipv4": "24", "node-cidr-mask-size-ipv6": "64" },
      ],
    ],
    ["clusterCIDR of kube-proxy", (p) => [p.proxy.clusterCIDR, p.cluster.networking.podSubnet]],
    [
      "kubelet --node-ip with a pair",
      (p) => [
        p.kubeadm("InitConfiguration").nodeRegistration.kubeletExtraArgs,
        { "node-ip": "192.168.10.11,fd3c:9a1b:77d2:1::11" },
      ],
    ],
    [
      "the same on workers",
      (p) => [
        p.kubeadm("JoinConfiguration", "worker-1").nodeRegistration.kubeletExtraArgs,
        { "node-ip": "192.168.10.12,fd3c:9a1b:77d2:1::12" },
      ],
    ],
    ["Services take the first family by default", (p) => [p.spec.network.families[0], "ipv4"]],
    [
      "ipFamilyPolicy and ipFamilies on Services",
      (p) => [
        p.tree.get("verification/objects.yaml"),
        expect.stringMatching(/ipFamilies:\n\s+- IPv4\n\s+- IPv6\n\s+ipFamilyPolicy: RequireDualStack/),
      ],
    ],
    ["DNS on both families", (p) => [p.everything, expect.stringMatching(/patch-service-kube-system-kube-dns/)]],
    [
      "pods with private IPv6 addresses leave through masquerading",
      (p) => [p.everything, expect.stringContaining("--ip-masq")],
    ],
    ["Kubernetes 1.20 or later", (p) => [Number(p.spec.kubernetes.version.split(".")[1]) >= 20, true]],
    ["LoadBalancer Services with both families", { later: "load balancer", not: /metallb|LoadBalancer/i }],
    ["ip-masq-agent", { later: "masquerade agent", not: /ip-masq-agent/ }],
    [
      "Windows",
      { wrong: "dualstack sets up Linux hosts; Windows has no overlay with two families either, as the document says" },
    ],
  ],
  "three-nodes-1.23": [
    ["ipFamily: dual", (p) => [p.spec.network.families, ["ipv4", "ipv6"]]],
    [
      "one control plane, two workers",
      (p) => [p.spec.hosts.map(({ role }) => role), ["control-plane", "worker", "worker"]],
    ],
    ["Kubernetes 1.23.4", (p) => [p.cluster.kubernetesVersion, "v1.23.4"]],
    [
      "a /24 of 10.244.0.0/16 for each node",
      (p) => [p.addresses.pods.map(({ first }) => `${first}`)[0], "10.244.0.0/24"],
    ],
    [
      "a /64 of fd00:10:244::/56 for each node",
      (p) => [p.addresses.pods.map(({ last }) => `${last}`)[1], "fd00:10:244:ff::/64"],
    ],
    [
      "ranges come from Kubernetes (ipam.mode=kubernetes)",
      (p) => [p.flannel, expect.objectContaining({ Network: "10.244.0.0/16", IPv6Network: "fd00:10:244::/56" })],
    ],
    ["tunnel: vxlan", (p) => [p.flannel.Backend.Type, "vxlan"]],
    ["kube-proxy stays (kubeProxyReplacement=disabled)", (p) => [p.proxy.mode, "iptables"]],
    [
      "services from 10.96.0.0/16 and fd00:10:96::/112",
      (p) => [p.cluster.networking.serviceSubnet, "10.96.0.0/16,fd00:10:96::/112"],
    ],
    ["DNS at 10.96.0.10", (p) => [`${p.addresses.dns}`, "10.96.0.10"]],
    [
      "a NodePort Service on both families",
      (p) => [p.proxy.nodePortAddresses, ["172.18.0.0/16", "fc00:f853:ccd:e793::/64"]],
    ],
    ["kernel 5.15", { wrong: "what the author's machine had; nothing in this plan needs a newer one than 3.12" }],
    [
      "API at 127.0.0.1",
      { wrong: "kind publishes the port to its own machine; workers on other machines cannot reach that" },
    ],
    [
      "k8s has two families since 1.21 alpha",
      { wrong: "alpha in 1.16, beta and on in 1.21, stable in 1.23 (KEP-563)" },
    ],
    [
      "Cilium 1.13.0-rc5",
      { later: "Cilium; and a release candidate is no version to set up", not: /cilium\.io|cilium-agent/ },
    ],
    ["containerdConfigPatches with a registry mirror", { later: "registry mirrors", not: /mirrors|certs\.d/ }],
    ["unmaintained apt sources for test tools", { wrong: "the test image of Kubernetes has what is needed" }],
  ],
  "ipv6-only": [
    [
      "hosts have IPv6 alone",
      (p) => [p.spec.hosts.map(({ addresses }) => Object.keys(addresses)), [["ipv6"], ["ipv6"], ["ipv6"]]],
    ],
    [
      "IPV6INIT=yes, IPV6ADDR=2002:db8:0:1::101/64",
      (p) => line(p.file(IFCFG("ens160")), "IPV6INIT=yes", "IPV6ADDR=2002:db8:0:1::101/64"),
    ],
    [
      "IPV6_DEFAULTGW=2002:db8:0:1::1, IPV6_DEFROUTE=yes",
      (p) => line(p.file(IFCFG("ens160")), "IPV6_DEFAULTGW=2002:db8:0:1::1", "IPV6_DEFROUTE=yes"),
    ],
    ["IPV6_AUTOCONF=no, IPV6_PRIVACY=no", (p) => line(p.file(IFCFG("ens160")), "IPV6_AUTOCONF=no", "IPV6_PRIVACY=no")],
    [
      "TYPE=Ethernet, DEVICE=ens160, ONBOOT=yes",
      (p) => line(p.file(IFCFG("ens160")), "TYPE=Ethernet", "DEVICE=ens160", "ONBOOT=yes"),
    ],
    [
      "BOOTPROTO=static",
      { wrong: "sysconfig.txt knows none, bootp and dhcp; what it does not know it takes for none" },
    ],
    [
      "addresses of 2002::/16",
      {
        wrong:
          "that is the 6to4 range (RFC 7526 ends it), not one for documents; the spec warns, and keeps the document's own",
      },
    ],
    [
      "node name 2002.0db8.0000.0001.0000.0000.0000.0101",
      (p) => [p.spec.hosts[0]!.name, "2002-0db8-0000-0001-0000-0000-0000-0101"],
    ],
    [
      "dots in that name",
      {
        wrong:
          "with dashes it is one DNS label, which is what the label kubernetes.io/hostname and certificates hold best",
      },
    ],
    [
      "the node's name in its certificate's CN",
      (p) => [p.kubeadm("InitConfiguration").nodeRegistration.name, "2002-0db8-0000-0001-0000-0000-0000-0101"],
    ],
    ["service range 2001:cafe:43::/112", (p) => [p.cluster.networking.serviceSubnet, "2001:cafe:43::/112"]],
    ["cluster range 2001:cafe:42::/56", (p) => [p.cluster.networking.podSubnet, "2001:cafe:42::/56"]],
    ["Service kubernetes at 2001:cafe:43::1", (p) => [`${p.addresses.api.service}`, "2001:cafe:43::1"]],
    [
      "2001:cafe:43::1 and ::1 in the certificate",
      (p) => [p.addresses.api.certificate, expect.arrayContaining(["2001:cafe:43::1", "::1"])],
    ],
    ["::1 is what kubeadm is told", (p) => [p.cluster.apiServer.certSANs, expect.arrayContaining(["::1"])]],
    ["DNS at 2001:cafe:43::a", (p) => [`${p.addresses.dns}`, "2001:cafe:43::a"]],
    [
      "0.0.0.0 and 127.0.0.1 nowhere",
      (p) => [
        /\b(0\.0\.0\.0|127\.0\.0\.1)\b/.test([...p.tree].filter(([path]) => path.startsWith("hosts/")).join()),
        false,
      ],
    ],
    ["URLs with brackets", (p) => [p.addresses.api.endpoint, "https://[2002:db8:0:1::101]:6443"]],
    [
      "endpoint of workers with brackets",
      (p) => [
        p.file("/etc/dualstack/discovery.yaml", "2002-0db8-0000-0001-0000-0000-0000-0102"),
        expect.stringContaining("server: https://[2002:db8:0:1::101]:6443"),
      ],
    ],
    [
      "kernel of at least 3.12 for flannel's VXLAN",
      () => [refusedWithKernel("3.10"), ["kernel-old", "kernel-old", "kernel-old"]],
    ],
    [
      "flannel on IPv6 alone",
      (p) => [
        p.flannel,
        expect.objectContaining({ EnableIPv4: false, EnableIPv6: true, IPv6Network: "2001:cafe:42::/56" }),
      ],
    ],
    ["Kubernetes 1.27.15", (p) => [p.cluster.kubernetesVersion, "v1.27.15"]],
    [
      "the tailnet fd7a:115c:a1e0::/48 stays clear of the cluster",
      (p) => [p.spec.network.reserved.map(String), ["fd7a:115c:a1e0::/48"]],
    ],
    ["three control planes", { later: "joining control planes", not: /controlPlane:\n/ }],
    [
      "docker://25 below kubelet 1.27",
      {
        wrong:
          "the dockershim is gone since 1.24; the document's hosts run cri-dockerd, which dualstack does not install",
      },
    ],
    [
      "node-local-dns at fe80:169:254::1",
      { wrong: "a link-local address needs a zone; a unique local one such as fd00::10 is used (k/website #24957)" },
    ],
    ["node-local-dns", { later: "NodeLocal DNS", not: /node-?local-?dns/i }],
    ["IPV6_ADDR_GEN_MODE=stable-privacy taken away", (p) => [/IPV6_ADDR_GEN_MODE/.test(p.everything), false]],
    ["headscale and derp on a gateway", { wrong: "how people reach the network is no part of the cluster" }],
    [
      "Elasticsearch, go-redis and MySQL settings",
      { wrong: "these are settings of programs in the cluster, not of the cluster" },
    ],
  ],
  "docker-1.17": [
    ["kubeadm.k8s.io/v1beta2", (p) => [p.cluster.apiVersion, "kubeadm.k8s.io/v1beta2"]],
    ["kubernetesVersion: v1.17.2", (p) => [p.cluster.kubernetesVersion, "v1.17.2"]],
    ["clusterName: kubernetes", (p) => [p.cluster.clusterName, "kubernetes"]],
    ["featureGates: IPv6DualStack of ClusterConfiguration", (p) => [p.cluster.featureGates, GATE]],
    ["podSubnet: 10.244.0.0/16,fd00:2::/48", (p) => [p.cluster.networking.podSubnet, "10.244.0.0/16,fd00:2::/48"]],
    [
      "serviceSubnet: 10.96.0.0/16,fd00:3::/112",
      (p) => [p.cluster.networking.serviceSubnet, "10.96.0.0/16,fd00:3::/112"],
    ],
    ["dnsDomain: cluster.local", (p) => [p.cluster.networking.dnsDomain, "cluster.local"]],
    [
      "advertiseAddress: IPv4 of the master, bindPort 6443",
      (p) => [p.kubeadm("InitConfiguration").localAPIEndpoint, { advertiseAddress: "192.168.200.11", bindPort: 6443 }],
    ],
    [
      "criSocket: /var/run/dockershim.sock",
      (p) => [p.kubeadm("InitConfiguration").nodeRegistration.criSocket, "/var/run/dockershim.sock"],
    ],
    ["node name = host name", (p) => [p.kubeadm("InitConfiguration").nodeRegistration.name, "k8s-master01"]],
    [
      "taint node-role.kubernetes.io/master",
      { wrong: "kubeadm sets its own taint when none is given; the key changed with 1.24, so none is written" },
    ],
    ["mode: ipvs", (p) => [p.proxy.mode, "ipvs"]],
    [
      "Docker: systemd cgroups, json-file of 100m, overlay2",
      (p) => [
        JSON.parse(p.file("/etc/docker/daemon.json")),
        {
          "exec-opts": ["native.cgroupdriver=systemd"],
          "log-driver": "json-file",
          "log-opts": { "max-size": "100m" },
          "storage-driver": "overlay2",
        },
      ],
    ],
    [
      "Docker: ipv6 and fixed-cidr-v6",
      {
        wrong:
          "for containers that docker run starts; the CNI gives pods their addresses, as the document suspects itself",
      },
    ],
    [
      "fixed-cidr-v6 fd00:1::/64 stays clear of the cluster",
      (p) => [p.spec.network.reserved.map(String), expect.arrayContaining(["fd00:1::/64"])],
    ],
    [
      "token abcdef.0123456789abcdef for 24 h",
      { wrong: "the token of the documentation lets anybody join; each worker makes its own" },
    ],
    ["imageRepository: k8s.gcr.io", { wrong: "frozen since April 2023; kubeadm's own default is left as it is" }],
    [
      "timeoutForControlPlane: 4m0s, certificatesDir, etcd dataDir, dns.type",
      { wrong: "kubeadm's own defaults; v1beta4 has some of them no more" },
    ],
    ["one master, two workers", (p) => [p.spec.hosts.map(({ role }) => role), ["control-plane", "worker", "worker"]]],
    [
      "nodes show one InternalIP",
      (p) => [p.kubeadm("InitConfiguration").nodeRegistration.kubeletExtraArgs, { "node-ip": "192.168.200.11" }],
    ],
    ["Calico 3.11 with both pools", { later: "Calico", not: /calico/i }],
    ["MetalLB and externalIPs", { later: "load balancer", not: /metallb/i }],
    [
      "addresses for Services stay clear of the cluster",
      (p) => [p.spec.network.reserved.map(String), expect.arrayContaining(["192.168.200.144/30", "2000:db1::120/125"])],
    ],
    [
      "ipvs kernel modules loaded before",
      (p) =>
        line(
          p.file("/etc/modules-load.d/dualstack.conf"),
          "ip_vs",
          "ip_vs_rr",
          "ip_vs_wrr",
          "ip_vs_sh",
          "nf_conntrack",
        ),
    ],
    [
      "a cluster of one family cannot become one of two",
      { wrong: "possible since 1.20 with every node joined again; dualstack refuses it in place and says so" },
    ],
  ],
};

/** kube-proxy's mode when dual-2020 says something else. */
function modeWhen(text: string, other: string): string {
  const file = join(__dirname, "../../stacks/examples/dual-2020.yaml");
  return parseSpec(readFileSync(file, "utf8").replace(text, other), { file }).spec.kubeProxy.mode;
}

function refusedWithKernel(kernel: string): string[] {
  const text = readFileSync(join(__dirname, "../../stacks/examples/ipv6-only.yaml"), "utf8");
  try {
    parseSpec(text.replaceAll("4.19", kernel), { file: "ipv6-only.yaml" });
    return [];
  } catch (error) {
    const { problems } = error as { problems: readonly { code: string; severity: string }[] };
    return problems.filter(({ severity }) => severity === "error").map(({ code }) => code);
  }
}

describe.each(Object.entries(DOCUMENTS))("%s", (name, rows) => {
  const plan = new Example(name);

  test.each(rows.filter(([, outcome]) => typeof outcome === "function"))("holds: %s", (_, held) => {
    const [has, wants] = (held as Held)(plan);
    expect(has).toEqual(wants);
  });

  test.each(rows.filter(([, outcome]) => "later" in outcome))("later: %s", (_, outcome) => {
    const { later, not } = outcome as Later;
    expect(later).not.toBe("");
    expect(plan.everything).not.toMatch(not);
  });

  test("says why, where the document is wrong or out of date", () => {
    for (const [, outcome] of rows) if ("wrong" in outcome) expect(outcome.wrong.length).toBeGreaterThan(20);
  });
});
