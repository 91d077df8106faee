/** What runs on every node beside kube-proxy: NodeLocal DNSCache of each family, and ip-masq-agent. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { planCluster } from "../../plan/plan";
import { planTree } from "../../plan/tree";
import { parseSpec } from "../../spec";
import { kubeadmDocuments } from "./kubeadm-files";

const text = readFileSync(join(__dirname, "specs/dual.yaml"), "utf8");

function planOf(families: string, more: string) {
  const alone = families === "ipv6" ? text.replace(/ipv4: [\d./]+, /g, "") : text;
  const whole = `${more}${alone.replace("network:\n", `network:\n  families: [${families}]\n`)}`;
  return planCluster(parseSpec(whole, { file: "dual.yaml" }).spec);
}

type Plan = ReturnType<typeof planOf>;
const object = (plan: Plan, kind: string, name: string): any =>
  plan.objects.map((one) => one.object).find((one) => one.kind === kind && one.metadata.name === name);
const kubelet = (plan: Plan) =>
  kubeadmDocuments(planTree(plan), "cp-1").find(({ kind }) => kind === "KubeletConfiguration");
const args = (plan: Plan, name: string): string[] =>
  object(plan, "DaemonSet", name)?.spec.template.spec.containers[0].args;
const DNS = "nodeLocalDns: {enabled: true}\n";
const mode = (name: string) => `${DNS}kubeProxy: {mode: ${name}}\n`;

describe("NodeLocal DNSCache", () => {
  test("has one instance a family, with addresses of that family only, and nothing that both bind", () => {
    const plan = planOf("ipv4, ipv6", DNS);
    const [four, six] = [args(plan, "node-local-dns-ipv4"), args(plan, "node-local-dns-ipv6")];
    expect(four).toEqual(expect.arrayContaining(["-localip", "169.254.20.10,10.96.0.10"]));
    expect(six).toEqual(expect.arrayContaining(["-localip", "fd00:10:96::1:9"]));
    const bound = (all: string[]) => [all[all.indexOf("-interfacename") + 1], all.at(-1)?.split(":").at(-1)];
    expect(bound(four)).toEqual(["nodelocaldns", "9353"]);
    expect(bound(six)).toEqual(["nodelocaldns6", "9354"]);
  });

  test("writes brackets where a port follows, and none after bind", () => {
    const { data } = object(planOf("ipv4, ipv6", DNS), "ConfigMap", "node-local-dns");
    expect(data["Corefile.ipv6"]).toContain("bind fd00:10:96::1:9\n");
    expect(data["Corefile.ipv6"]).toContain("health [fd00:10:96::1:9]:8080");
    expect(data["Corefile.ipv6"]).toContain("prometheus [fd00:10:96::1:9]:9253");
    expect(data["Corefile.ipv4"]).toContain("bind 169.254.20.10 10.96.0.10\n");
    expect(data["Corefile.ipv4"]).toContain("health 169.254.20.10:8080");
  });

  // biome-ignore format: one case a line
  test.each([
    ["nftables", "ipv4, ipv6", ["10.96.0.10", "fd00:10:96::1:9"]],
    ["iptables", "ipv4, ipv6", ["10.96.0.10", "fd00:10:96::1:9"]],
    ["ipvs", "ipv4, ipv6", ["169.254.20.10", "fd00:10:96::1:9"]],
    ["nftables", "ipv6, ipv4", ["fd00:10:96::a", "169.254.20.10"]],
    ["ipvs", "ipv6, ipv4", ["fd00:10:96::1:9", "169.254.20.10"]],
    ["nftables", "ipv6", undefined],
    ["ipvs", "ipv6", ["fd00:10:96::1:9"]],
  ])("in mode %s and families %s pods ask %j", (name, families, servers) => {
    expect(kubelet(planOf(families, mode(name))).clusterDNS).toEqual(servers);
  });

  test("takes the DNS Service's address over in the first family, and not in ipvs mode", () => {
    expect(args(planOf("ipv6, ipv4", mode("iptables")), "node-local-dns-ipv6")).toContain(
      "fd00:10:96::1:9,fd00:10:96::a",
    );
    expect(args(planOf("ipv4, ipv6", mode("ipvs")), "node-local-dns-ipv4")).toContain("169.254.20.10");
    expect(args(planOf("ipv6", DNS), "node-local-dns-ipv4")).toBeUndefined();
  });

  test("is tried on every node, in every family", () => {
    const { checks, spec } = planOf("ipv4, ipv6", DNS);
    const tried = checks.filter(({ kind }) => kind === "node-dns").map(({ id }) => id);
    expect(tried).toHaveLength(2 * spec.hosts.length);
    expect(tried).toContain("node-dns/worker-1/ipv6");
  });

  test("is not there unless it is asked for", () => {
    const plan = planOf("ipv4, ipv6", "");
    expect(plan.objects.map(({ object: one }) => one.metadata.name).join()).not.toMatch(/node-local|ip-masq|upstream/);
    expect(kubelet(plan).clusterDNS).toBeUndefined();
    expect(plan.checks.some(({ kind }) => kind === "node-dns")).toBe(false);
  });
});

describe("ip-masq-agent", () => {
  const plan = planOf("ipv6, ipv4", "ipMasq: {enabled: true, keep: [10.0.0.0/8]}\n");

  test("lets pods, services and the listed ranges through with the pods' addresses, in both families", () => {
    expect(parse(object(plan, "ConfigMap", "ip-masq-agent").data.config)).toEqual({
      nonMasqueradeCIDRs: ["fd00:10:244::/56", "10.244.0.0/16", "fd00:10:96::/112", "10.96.0.0/16", "10.0.0.0/8"],
      masqLinkLocal: true,
      masqLinkLocalIPv6: true,
      resyncInterval: "60s",
    });
    expect(args(plan, "ip-masq-agent")).toContain("--enable-ipv6=true");
  });

  test("takes masquerading away from flannel", () => {
    expect(args(plan, "kube-flannel-ds")).not.toContain("--ip-masq");
    expect(args(planOf("ipv6, ipv4", ""), "kube-flannel-ds")).toContain("--ip-masq");
  });
});
