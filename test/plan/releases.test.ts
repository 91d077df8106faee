/** What lands on the hosts for each release of Kubernetes, from the first with two families to the newest. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { planCluster } from "../../plan/plan";
import { planTree } from "../../plan/tree";
import { parseSpec } from "../../spec";
import { ADD_ONS } from "../../spec/add-ons";
import { RELEASES } from "../../spec/versions";
import { kubeadmDocuments } from "./kubeadm-files";

const text = readFileSync(join(__dirname, "specs/dual.yaml"), "utf8");

function treeOf(minor: number, families = "ipv4, ipv6", runtime = ""): Map<string, string> {
  const kubernetes = `kubernetes: {version: "1.${minor}.0", install: {folder: /srv/staged}${runtime}}\n`;
  const alone = families === "ipv6" ? text.replace(/ipv4: [\d./]+, /g, "") : text;
  const spec = `${kubernetes}${alone.replace("network:\n", `network:\n  families: [${families}]\n`)}`;
  return planTree(planCluster(parseSpec(spec, { file: "dual.yaml" }).spec));
}

function documents(tree: Map<string, string>, host = "cp-1"): Record<string, any> {
  return Object.fromEntries(kubeadmDocuments(tree, host).map((one) => [one.kind, one]));
}

const minors = RELEASES.map(({ minor }) => minor);
const api = (minor: number) => (minor >= 31 ? "v1beta4" : minor >= 22 ? "v1beta3" : "v1beta2");

test("the table has every release from 1.16 to 1.37, once", () => {
  expect(minors).toEqual(Array.from({ length: 22 }, (_, i) => 16 + i));
});

describe.each(minors)("Kubernetes 1.%i", (minor) => {
  const tree = treeOf(minor);
  const init = documents(tree);

  test("kubeadm's files have the form that it reads, on every host", () => {
    const form = `kubeadm.k8s.io/${api(minor)}`;
    expect(init.InitConfiguration.apiVersion).toBe(form);
    expect(init.ClusterConfiguration.apiVersion).toBe(form);
    expect(documents(tree, "worker-1").JoinConfiguration.apiVersion).toBe(form);
  });

  test("flags are a map before v1beta4 and a list since", () => {
    const nodeIp = minor >= 20 ? "10.0.0.11,fd00:10::11" : "10.0.0.11";
    const map = { "node-ip": nodeIp };
    const list = [{ name: "node-ip", value: nodeIp }];
    expect(init.InitConfiguration.nodeRegistration.kubeletExtraArgs).toEqual(minor >= 31 ? list : map);
  });

  test("the gate of two families is set on all components up to 1.20, and nowhere else", () => {
    const gate = { IPv6DualStack: true };
    if (minor > 20) {
      expect([...tree.values()].join("")).not.toMatch(/IPv6DualStack|feature-?gates/i);
      return;
    }
    expect(init.ClusterConfiguration.featureGates).toEqual(gate);
    expect(init.ClusterConfiguration.apiServer.extraArgs).toEqual({ "feature-gates": "IPv6DualStack=true" });
    expect(init.ClusterConfiguration.controllerManager.extraArgs["feature-gates"]).toBe("IPv6DualStack=true");
    expect(init.KubeletConfiguration.featureGates).toEqual(gate);
    expect(init.KubeProxyConfiguration.featureGates).toEqual(gate);
  });

  test("kube-proxy runs in a mode that is stable there", () => {
    expect(init.KubeProxyConfiguration.mode).toBe(minor >= 33 ? "nftables" : "iptables");
  });

  test("containerd's file has the form of its series, and the pause image of the release", () => {
    const file = parse(tree.get("hosts/cp-1/etc/containerd/config.toml") ?? "") as any;
    const pause = `registry.k8s.io/pause:${RELEASES.find((one) => one.minor === minor)?.pause}`;
    expect(file.version).toBe(minor >= 30 ? 3 : 2);
    const image =
      minor >= 30
        ? file.plugins["io.containerd.cri.v1.images"].pinned_images.sandbox
        : file.plugins["io.containerd.grpc.v1.cri"].sandbox_image;
    expect(image).toBe(pause);
  });
});

test("an IPv6-only cluster of an old release needs no gate, and takes the mask flag without a family", () => {
  const init = documents(treeOf(17, "ipv6"));
  expect(init.ClusterConfiguration).not.toHaveProperty("featureGates");
  expect(init.ClusterConfiguration.controllerManager.extraArgs).toEqual({ "node-cidr-mask-size": "64" });
});

test.each(ADD_ONS.flannel.versions)("flannel %s, which a spec may name, can be planned", (version) => {
  const { spec } = parseSpec(`cni: {version: "${version}"}\n${text}`, { file: "dual.yaml" });
  expect(JSON.stringify(planCluster(spec).objects)).toContain(`flannel:v${version}`);
});

test("1.16 has no mask flags for two families", () => {
  expect(documents(treeOf(16)).ClusterConfiguration.controllerManager.extraArgs).not.toHaveProperty(
    "node-cidr-mask-size-ipv4",
  );
});

test("Docker up to 1.23: its own socket and file, and no file of containerd", () => {
  const tree = treeOf(23, "ipv4, ipv6", ", runtime: {kind: docker}");
  expect(documents(tree).InitConfiguration.nodeRegistration.criSocket).toBe("/var/run/dockershim.sock");
  expect(JSON.parse(tree.get("hosts/cp-1/etc/docker/daemon.json") ?? "")).toMatchObject({
    "exec-opts": ["native.cgroupdriver=systemd"],
  });
  expect(tree.has("hosts/cp-1/etc/containerd/config.toml")).toBe(false);
});
