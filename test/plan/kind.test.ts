/** What kind is told, and what is said of the Docker that it finds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { kindConfig, networkArguments } from "../../hosts/kind";
import { addressPlan, renderAddresses } from "../../plan/addresses";
import { checks } from "../../plan/checks";
import { type DockerNetwork, networkRefusal, noNetwork, withAddresses } from "../../plan/kind";
import { type ClusterSpec, parseSpec, refusedChanges } from "../../spec";

function specOf(text: string): ClusterSpec {
  return parseSpec(`name: dev\n${text}`, { file: "dev.yaml" }).spec;
}

function config(text: string): any {
  const spec = specOf(text);
  const told = parse(kindConfig(spec, spec.kind!));
  return { ...told, patches: told.kubeadmConfigPatches.map((patch: string) => parse(patch)) };
}

describe("kind's file", () => {
  test.each([
    ["ipv4, ipv6", "dual", "10.244.0.0/16,fd00:10:244::/56", "10.96.0.0/16,fd00:10:96::/112"],
    ["ipv6, ipv4", "dual", "fd00:10:244::/56,10.244.0.0/16", "fd00:10:96::/112,10.96.0.0/16"],
    ["ipv4", "ipv4", "10.244.0.0/16", "10.96.0.0/16"],
    ["ipv6", "ipv6", "fd00:10:244::/56", "fd00:10:96::/112"],
  ])("[%s] is ipFamily %s, and the order is in both ranges", (families, ipFamily, podSubnet, serviceSubnet) => {
    const { networking } = config(`network: {families: [${families}]}\nkind: {}`);
    expect(networking).toMatchObject({ ipFamily, podSubnet, serviceSubnet, disableDefaultCNI: true });
  });

  test.each(["iptables", "ipvs", "nftables"])("kube-proxy's mode is ours twice: %s", (mode) => {
    const { networking, patches } = config(`kubeProxy: {mode: ${mode}}\nkind: {}`);
    expect(networking.kubeProxyMode).toBe(mode);
    expect(patches[1]).toMatchObject({ kind: "KubeProxyConfiguration", mode });
  });

  test("without kube-proxy nothing is said of its file", () => {
    const { networking, patches } = config("kubeProxy: {mode: none}\ncni: {kind: cilium}\nkind: {}");
    expect(networking.kubeProxyMode).toBe("none");
    expect(patches.map(({ kind }: { kind: string }) => kind)).toEqual(["KubeletConfiguration"]);
  });

  test("NodePorts are on the ranges of Docker's network, in the cluster's order", () => {
    const { patches } = config(
      'network: {families: [ipv6, ipv4]}\nkind: {network: {ipv4: 10.9.0.0/24, ipv6: "fd00:9::/64"}}',
    );
    expect(patches[1].nodePortAddresses).toEqual(["fd00:9::/64", "10.9.0.0/24"]);
  });

  test("what kind and its image decide is left to them", () => {
    const [kubelet] = config("kind: {}").patches;
    expect(Object.keys(kubelet)).not.toEqual(expect.arrayContaining(["cgroupDriver"]));
    expect(Object.keys(kubelet)).not.toEqual(expect.arrayContaining(["evictionHard"]));
  });

  test("nodes are as many as the spec says, with one image", () => {
    const image = "registry.example/kind/node:v1.36.3";
    expect(config(`kind: {workers: 2, image: "${image}"}`).nodes).toEqual([
      { role: "control-plane", image },
      { role: "worker", image },
      { role: "worker", image },
    ]);
  });
});

describe("Docker's network", () => {
  const spec = specOf("kind: {}");
  const network = (subnets: string[], ipv6 = subnets.some((one) => one.includes(":"))): DockerNetwork => ({
    EnableIPv6: ipv6,
    IPAM: { Config: subnets.map((Subnet) => ({ Subnet })) },
  });
  const refusal = (found: DockerNetwork) => networkRefusal(spec, spec.kind!, found);

  test("is made with the ranges of the spec, primary first, and known as ours", () => {
    expect(networkArguments(spec, spec.kind!).join(" ")).toBe(
      "network create --label dualstack.kind=dev --ipv6 --subnet 172.30.30.0/24 --subnet fd00:10:30::/64 --opt com.docker.network.bridge.enable_ip_masquerade=true kind",
    );
    const single = specOf("network: {families: [ipv4]}\nkind: {}");
    expect(networkArguments(single, single.kind!)).not.toContain("--ipv6");
  });

  test("with its ranges is taken, whatever their order", () => {
    expect(refusal(network(["fd00:10:30::/64", "172.30.30.0/24"]))).toBeUndefined();
  });

  const remedy =
    "delete the clusters in it ('kind get clusters', 'kind delete cluster --name ...'), then 'docker network rm kind': dualstack makes it anew; or name another one as kind.network.name";

  test("of one family is refused with the remedy", () => {
    const message = `Docker's network kind has no IPv6, and kind would use it as it is: ${remedy}`;
    expect(refusal(network(["172.30.30.0/24"]))).toBe(message);
    // a range alone does not switch it on
    expect(refusal(network(["172.30.30.0/24", "fd00:10:30::/64"], false))).toBe(message);
  });

  test("with other ranges is refused with the lines that take it as it is", () => {
    expect(refusal(network(["172.18.0.0/16", "fc00:f853:ccd:e793::/64"]))).toBe(
      "Docker's network kind has the ranges 172.18.0.0/16, fc00:f853:ccd:e793::/64, and the spec says 172.30.30.0/24, fd00:10:30::/64: " +
        `write kind: {network: {ipv4: 172.18.0.0/16, ipv6: "fc00:f853:ccd:e793::/64"}}; or ${remedy}`,
    );
  });

  test("that Docker cannot make is told with Docker's words and what to do", () => {
    const said = (words: string) => noNetwork(spec, spec.kind!, words);
    const begins = "Docker cannot make the network kind with 172.30.30.0/24, fd00:10:30::/64: ";
    const disabled =
      "Error response from daemon: Cannot read IPv6 setup for bridge br-1: open /proc/sys/net/ipv6/conf/br-1/disable_ipv6: no such file or directory";
    expect(said(disabled)).toBe(
      `${begins}${disabled}. Nodes need IPv6 in Docker: start the machine without ipv6.disable=1, and Docker with IPv6 (https://docs.docker.com/engine/daemon/ipv6/)`,
    );
    const overlap = "Error response from daemon: Pool overlaps with other one on this address space";
    expect(said(overlap)).toBe(
      `${begins}${overlap}. Another network has these addresses: 'docker network ls' and 'ip route' show which; choose other ranges as kind.network`,
    );
    expect(said("Error: denied\n")).toBe(`${begins}Error: denied`);
  });
});

describe("the nodes' addresses", () => {
  const spec = specOf("network: {families: [ipv6, ipv4]}\nkind: {workers: 1}");
  const container = (Name: string, IPAddress: string, GlobalIPv6Address: string) => ({
    Name,
    NetworkSettings: { Networks: { kind: { IPAddress, GlobalIPv6Address }, other: { IPAddress: "10.1.1.1" } } },
  });

  test("are those of its network, and the checks expect them in the cluster's order", () => {
    const located = withAddresses(spec, spec.kind!, [
      container("/dev-worker", "172.30.30.3", "fd00:10:30::3"),
      container("/dev-control-plane", "172.30.30.2", "fd00:10:30::2"),
    ]);
    const found = checks(located);
    const titles = found.filter(({ kind }) => kind === "node-addresses").map(({ title }) => title);
    expect(titles).toEqual([
      "node dev-control-plane has the InternalIPs fd00:10:30::2, 172.30.30.2",
      "node dev-worker has the InternalIPs fd00:10:30::3, 172.30.30.3",
    ]);
    expect(found.map(({ id }) => id)).toEqual(checks(spec).map(({ id }) => id));
  });

  test("that Docker did not give stay unknown", () => {
    const located = withAddresses(spec, spec.kind!, [container("/dev-worker", "172.30.30.3", "")]);
    const ports = checks(located).flatMap((check) =>
      check.kind === "node-port" ? [`${check.id} ${check.address}`] : [],
    );
    expect(ports).toEqual([
      "node-port/dev-control-plane/ipv6 undefined",
      "node-port/dev-worker/ipv6 undefined",
      "node-port/dev-control-plane/ipv4 undefined",
      "node-port/dev-worker/ipv4 172.30.30.3",
    ]);
  });
});

test("a running cluster cannot become what kind decided once", () => {
  const before = specOf("kind: {}");
  const after = specOf("kubeProxy: {mode: iptables}\nkind: {workers: 2, network: {name: other}}");
  expect(refusedChanges(before, after).map(({ code, path, from, to }) => [code, path, from, to])).toEqual([
    ["kind-changed", "kubeProxy.mode", "nftables", "iptables"],
    ["kind-changed", "kind.workers", "1", "2"],
    ["kind-changed", "kind.network.name", "kind", "other"],
  ]);
  expect(refusedChanges(before, specOf("ingress: [{kind: traefik}]\nkind: {}"))).toEqual([]);
});

test("the address plan says who gives the nodes their addresses", () => {
  const text = renderAddresses(addressPlan(specOf("kind: {workers: 1}")));
  expect(text).toContain("  dev-worker         worker         given by Docker\n");
  expect(text).toContain("room for 254 more nodes");
});

test("the spec of the repository plans, and its network is not the one that kind shares", () => {
  const file = join(__dirname, "../../stacks/kind.yaml");
  const { spec, warnings } = parseSpec(readFileSync(file, "utf8"), { file });
  expect(warnings).toEqual([]);
  expect(spec.kind?.network.name).not.toBe("kind");
});
