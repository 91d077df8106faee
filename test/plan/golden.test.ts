/**
 * Golden trees: real files as they will be on the hosts. `UPDATE_GOLDEN=1 npm run check` writes them anew, on purpose;
 * every property that matters is also named by an assertion below.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { parseAllDocuments } from "yaml";
import { planCluster } from "../../plan/plan";
import { planTree } from "../../plan/tree";
import { parseSpec } from "../../spec";
import { kubeadmDocuments } from "./kubeadm-files";

const SPECS = join(__dirname, "specs");
const GOLDEN = join(__dirname, "golden");
const names = readdirSync(SPECS).map((file) => basename(file, ".yaml"));

function treeOf(name: string): Map<string, string> {
  const file = join(SPECS, `${name}.yaml`);
  return planTree(planCluster(parseSpec(readFileSync(file, "utf8"), { file }).spec));
}

function readTree(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path));
  const files = paths.filter((path) => statSync(path).isFile());
  return new Map(files.map((path) => [relative(folder, path), readFileSync(path, "utf8")]));
}

/** The document of a kind in the files that kubeadm reads on a host. */
function kubeadm(tree: Map<string, string>, host: string, kind: string): any {
  return kubeadmDocuments(tree, host).find((document) => document.kind === kind);
}

describe.each(names)("the plan of %s", (name) => {
  const tree = treeOf(name);
  const golden = join(GOLDEN, name);

  test("is the golden tree", () => {
    if (process.env.UPDATE_GOLDEN) {
      rmSync(golden, { recursive: true, force: true });
      for (const [path, text] of tree) {
        mkdirSync(dirname(join(golden, path)), { recursive: true });
        writeFileSync(join(golden, path), text);
      }
    }
    if (!existsSync(golden))
      throw new Error(`no golden tree for ${name}: run with UPDATE_GOLDEN=1, look at it, commit it`);
    expect(Object.fromEntries([...tree].sort())).toEqual(Object.fromEntries([...readTree(golden)].sort()));
  });

  test("is the same bytes when made again", () => {
    expect([...treeOf(name)]).toEqual([...tree]);
  });
});

describe("what the golden trees hold", () => {
  const dual = treeOf("dual");
  const sixFirst = treeOf("six-first");
  const sixOnly = treeOf("six-only");

  test("kubelet gets the pair of node addresses in the cluster's order", () => {
    const nodeIp = (tree: Map<string, string>) =>
      kubeadm(tree, "cp-1", "InitConfiguration").nodeRegistration.kubeletExtraArgs;
    expect(nodeIp(dual)).toEqual([{ name: "node-ip", value: "10.0.0.11,fd00:10::11" }]);
    expect(nodeIp(sixFirst)).toEqual([{ name: "node-ip", value: "fd00:10::11,10.0.0.11" }]);
    expect(nodeIp(sixOnly)).toEqual([{ name: "node-ip", value: "fd00:10::11" }]);
  });

  test("the advertise address is of the primary family, bare", () => {
    const advertised = (tree: Map<string, string>) =>
      kubeadm(tree, "cp-1", "InitConfiguration").localAPIEndpoint.advertiseAddress;
    expect([advertised(dual), advertised(sixFirst)]).toEqual(["10.0.0.11", "fd00:10::11"]);
  });

  test("subnets are pairs without a blank, both masks are given", () => {
    const cluster = kubeadm(dual, "cp-1", "ClusterConfiguration");
    expect(cluster.networking.podSubnet).toBe("10.244.0.0/16,fd00:10:244::/56");
    expect(cluster.networking.serviceSubnet).toBe("10.96.0.0/16,fd00:10:96::/112");
    expect(cluster.controllerManager.extraArgs.map(({ name }: { name: string }) => name)).toEqual([
      "node-cidr-mask-size-ipv4",
      "node-cidr-mask-size-ipv6",
    ]);
    expect(kubeadm(sixFirst, "cp-1", "ClusterConfiguration").networking.podSubnet).toBe(
      "fd00:10:244::/56,10.244.0.0/16",
    );
    expect(kubeadm(sixOnly, "cp-1", "ClusterConfiguration").controllerManager.extraArgs).toEqual([
      { name: "node-cidr-mask-size", value: "64" },
    ]);
  });

  test("the endpoint has brackets where it is a URL, certificate names have none", () => {
    const cluster = kubeadm(sixOnly, "cp-1", "ClusterConfiguration");
    expect(cluster.controlPlaneEndpoint).toBe("[fd00:10::11]:6443");
    expect(cluster.apiServer.certSANs).toContain("fd00:10::11");
    expect(sixOnly.get("hosts/worker-1/etc/dualstack/discovery.yaml")).toContain("server: https://[fd00:10::11]:6443");
  });

  test("virtual addresses: one router a family, IPv6 first, by the interface that each host has, in the certificate and in the proof", () => {
    const tree = treeOf("six-virtual");
    const file = (host: string) => tree.get(`hosts/${host}/etc/keepalived/keepalived.conf`);
    expect(file("worker-1")).toBeUndefined();
    expect(file("cp-1")?.match(/vrrp_instance .*|interface .*|\S+ dev .*/g)).toEqual([
      ...["vrrp_instance api-ipv6 {", "interface eth0", "fd00:10::100/128 dev eth0"],
      ...["vrrp_instance api-ipv4 {", "interface eth0", "10.0.0.100/32 dev eth0"],
    ]);
    expect(file("cp-2")).toContain("fd00:10::100/128 dev enp1s0");
    const cluster = kubeadm(tree, "cp-1", "ClusterConfiguration");
    expect(cluster.controlPlaneEndpoint).toBe("[fd00:10::100]:6443");
    expect(cluster.apiServer.certSANs).toEqual(expect.arrayContaining(["fd00:10::100", "10.0.0.100"]));
    expect(tree.get("verification/checks.txt")).toContain("reaches the API by fd00:10::100");
  });

  test("a control plane knows the name of the Node that it deletes when it leaves", () => {
    expect(treeOf("three-planes").get("hosts/cp-2/steps.yaml")).toMatch(/node[^\n]*cp-2/);
  });

  test("certificates name the addresses of both families", () => {
    expect(kubeadm(dual, "cp-1", "ClusterConfiguration").apiServer.certSANs).toEqual([
      "10.0.0.11",
      "cp-1",
      "fd00:10::11",
    ]);
  });

  test("kube-proxy has its mode and NodePort ranges of every family", () => {
    const proxy = kubeadm(dual, "cp-1", "KubeProxyConfiguration");
    expect(proxy.mode).toBe("nftables");
    expect(proxy.nodePortAddresses).toEqual(["10.0.0.0/24", "fd00:10::/64"]);
    expect(kubeadm(sixFirst, "cp-1", "KubeProxyConfiguration").mode).toBe("iptables");
  });

  test("an IPv6-only cluster has no word of IPv4 in its host files", () => {
    const text = [...sixOnly]
      .filter(([path]) => path.startsWith("hosts/"))
      .map(([, content]) => content)
      .join("");
    expect(text).not.toMatch(/\b10\.\d+\.\d+\.\d+|ip_forward|bridge-nf-call-iptables/);
  });

  test("forwarding is set in every family of the cluster", () => {
    const sysctl = dual.get("hosts/worker-1/etc/sysctl.d/90-dualstack.conf");
    expect(sysctl).toContain("net.ipv4.ip_forward = 1");
    expect(sysctl).toContain("net.ipv6.conf.all.forwarding = 1");
  });

  test("no file holds a token that lets a host in, and the CA is pinned", () => {
    const text = [...dual.values()].join("");
    expect(text).not.toMatch(/unsafeSkipCAVerification|default-node-token/);
    expect(kubeadm(dual, "cp-1", "InitConfiguration").bootstrapTokens).toEqual([
      expect.objectContaining({ ttl: "1s", groups: ["system:bootstrappers:dualstack:nobody"] }),
    ]);
    expect(dual.get("hosts/worker-1/etc/dualstack/discovery.yaml")).toContain(
      "certificate-authority: /etc/dualstack/ca.crt",
    );
  });

  test("further control planes join with an API server of their own, and the key of the cluster's keys is not in a plan", () => {
    const planes = treeOf("three-planes");
    const role = (host: string) => planes.get(`hosts/${host}/steps.yaml`)?.match(/- (role|joins) \S+/g);
    expect(["cp-1", "cp-2", "cp-3", "worker-1"].map(role)).toEqual([
      ["- joins no", "- role init"],
      ["- joins control-plane", "- role join-control-plane"],
      ["- joins control-plane", "- role join-control-plane"],
      ["- joins worker", "- role join"],
    ]);
    const { certificateKey, localAPIEndpoint } = kubeadm(planes, "cp-3", "JoinConfiguration").controlPlane;
    expect(localAPIEndpoint).toEqual({ advertiseAddress: "10.0.0.31", bindPort: 6443 });
    expect(certificateKey).toMatch(/^0{64}$/);
    expect(kubeadm(planes, "worker-1", "JoinConfiguration").controlPlane).toBeUndefined();
  });

  test("flannel has the ranges and the families of the cluster", () => {
    const net = (tree: Map<string, string>) => {
      const text = [...tree].find(([path]) => path.includes("configmap"))?.[1] ?? "";
      return JSON.parse(parseAllDocuments(text)[0]?.toJS().data["net-conf.json"]);
    };
    expect(net(dual)).toMatchObject({
      EnableIPv4: true,
      EnableIPv6: true,
      IPv6Network: "fd00:10:244::/56",
      EnableNFTables: true,
    });
    expect(net(sixFirst)).toMatchObject({ EnableNFTables: false, Backend: { Type: "host-gw" } });
    expect(net(sixOnly)).toMatchObject({ EnableIPv4: false, EnableIPv6: true });
    expect(net(sixOnly)).not.toHaveProperty("Network");
  });

  test("flannel's tunnels end at a control plane's own addresses, never at a virtual one of the API, which moves", () => {
    const daemonSet = (tree: Map<string, string>) =>
      [...tree].find(([path]) => path.includes("daemonset-kube-fl"))?.[1];
    const regexes = (daemonSet(treeOf("six-virtual")) ?? "").matchAll(/--iface-regex=(.*)/g);
    const [own, names] = [...regexes].map(([, text = ""]) => new RegExp(text));
    for (const address of ["fd00:10::11", "10.0.0.11", "fd00:10::31"]) expect(own!.test(address)).toBe(true);
    for (const other of ["fd00:10::100", "fd00:10::1", "10.0.0.100", "1000.0.11"]) expect(own!.test(other)).toBe(false);
    expect(names!.test("eth0")).toBe(true);
    expect(daemonSet(dual)).toContain("--iface=eth0\n");
  });

  test("an ingress controller is tried by HTTP and HTTPS, over each family, on each node that runs it, and tells the client's address", () => {
    const tree = treeOf("ingress");
    const lines = (tree.get("verification/checks.txt") ?? "").split("\n").filter((line) => line.startsWith("ingress/"));
    expect(lines.map((line) => line.split(":")[0])).toEqual([
      "ingress/traefik/worker-1/http/ipv4",
      "ingress/traefik/worker-1/https/ipv4",
      "ingress/traefik/worker-1/http/ipv6",
      "ingress/traefik/worker-1/https/ipv6",
    ]);
    for (const line of lines) expect(line).toContain("which is told its address");
    const objects = tree.get("verification/objects.yaml") ?? "";
    expect(objects).toContain("host: traefik.dualstack.test");
    expect(dual.get("verification/objects.yaml")).not.toContain("netexec");
  });

  test("the DNS Service is patched on dual-stack only", () => {
    const patches = (tree: Map<string, string>) => [...tree.keys()].filter((path) => path.includes("patch"));
    expect(patches(dual)).toHaveLength(1);
    expect(patches(sixOnly)).toHaveLength(0);
  });
});
