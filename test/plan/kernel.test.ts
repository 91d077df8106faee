/** Modules and sysctl of a host. */
import { networkStep } from "../../hosts/network";
import { parseSpec } from "../../spec";
import { BOTH, rich, small, text } from "./backends-fixture";

describe("kernel", () => {
  const modules = (rest: string) =>
    text(small("none", BOTH, rest), "/etc/modules-load.d/dualstack.conf")
      .trim()
      .split("\n");

  test("modules follow kube-proxy's mode and the overlay", () => {
    expect(modules("kubeProxy: {mode: ipvs}")).toEqual(
      expect.arrayContaining(["ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh", "nf_conntrack"]),
    );
    expect(modules("kubeProxy: {mode: iptables}").join()).not.toMatch(/ip_vs|nf_tables/);
    expect(modules("kubeProxy: {mode: nftables}")).toContain("nf_tables");
    expect(modules("cni: {backend: vxlan}")).toContain("vxlan");
    expect(modules("cni: {backend: host-gw}")).not.toContain("vxlan");
  });

  test("modules of the host's own links are those that it has", () => {
    expect(text(rich("systemd-networkd"), "/etc/modules-load.d/dualstack.conf")).toMatch(/8021q\nbonding\n/);
    expect(text(small("systemd-networkd", BOTH), "/etc/modules-load.d/dualstack.conf")).not.toMatch(/8021q|bonding/);
  });

  /** gc_thresh1 of each family with so many hosts. */
  function tables(hosts: number): (string | undefined)[] {
    const many = Array.from({ length: hosts }, (_, n) => {
      const place = `10.${1 + (n >> 8)}.${n & 255}.1`;
      return `  - {name: h-${n}, role: ${n === 0 ? "control-plane" : "worker"}, interfaces: [{name: eth0, ipv4: {address: ${place}/8}, ipv6: {address: "fd00:10::${n + 1}/64"}}]}\n`;
    });
    const head =
      'name: many\nnetwork: {pods: {ipv4: 172.16.0.0/12, ipv6: "fd00:20::/48"}, services: {ipv4: 192.168.0.0/20, ipv6: "fd00:30::/112"}}\n';
    const { spec } = parseSpec(`${head}hosts:\n${many.join("")}`, { file: "many.yaml", placeholderKey: "k" });
    const lines = text(networkStep(spec, spec.hosts[0]!), "/etc/sysctl.d/90-dualstack.conf");
    return [...lines.matchAll(/gc_thresh1 = (\d+)/g)].map(([, size]) => size);
  }

  test("tables of neighbours grow with the cluster, in both families, and rarely", () => {
    expect(tables(3)).toEqual(["1024", "1024"]);
    expect(tables(384)).toEqual(["1024", "1024"]);
    expect(tables(385)).toEqual(["2048", "2048"]);
    expect(tables(1000)).toEqual(["4096", "4096"]);
  });

  test("a container has no tables of its own", () => {
    const step = small("none", BOTH, "platform: container");
    expect(text(step, "/etc/sysctl.d/90-dualstack.conf")).not.toContain("gc_thresh");
  });
});
