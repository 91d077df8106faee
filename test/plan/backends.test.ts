/**
 * One rich host as every back end writes it. The files are in backends/NAME as they will be on the host, each text behind its mode;
 * UPDATE_GOLDEN=1 writes them anew. What matters is named below. Real readers of them: test/lab/2-readers.test.ts.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parse } from "yaml";
import type { PlannedFile } from "../../hosts/document";
import { BACKENDS, BOTH, FOLDER, rich, small, text, values } from "./backends-fixture";

function golden(files: readonly PlannedFile[]): Map<string, string> {
  return new Map(files.map((file) => [file.path, `# ${file.mode} ${file.handler}\n${file.text}`]));
}

function readTree(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path));
  const files = paths.filter((path) => statSync(path).isFile());
  return new Map(files.map((path) => [`/${relative(folder, path)}`, readFileSync(path, "utf8")]));
}

describe.each(BACKENDS)("%s", (backend) => {
  const step = rich(backend);

  test("writes the golden files", () => {
    const folder = join(FOLDER, backend);
    const files = golden(step.files);
    if (process.env.UPDATE_GOLDEN) {
      rmSync(folder, { recursive: true, force: true });
      for (const [path, content] of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
      }
    }
    expect(Object.fromEntries([...files].sort())).toEqual(Object.fromEntries([...readTree(folder)].sort()));
  });

  test("says who activates what, and what must be there then", () => {
    expect(values(step, "backend")).toEqual([backend]);
    const managed = ["eth0 link", "eth3 link", "eth1 member", "eth2 member", "bond0 bond", "bond0.100 vlan"];
    expect(values(step, "interface")).toEqual(backend === "none" ? [] : managed);
    const node = ["bond0.100 192.168.1.11", "bond0.100 fd00:1::11"];
    expect(values(step, "address")).toEqual(expect.arrayContaining(node));
    expect(values(step, "address").includes("bond0.100 fd00:1::12")).toBe(backend !== "none");
  });

  test("every address, router and range of the spec is in its files", () => {
    const all = step.files.filter(({ handler }) => handler === "network").map((file) => file.text);
    const wanted = ["192.168.1.12", "fd00:1::12", "fe80::1", "172.30.0.0/16", "fd00:9::/64", "fd00:1::53"];
    for (const one of wanted) expect(all.some((file) => file.includes(one))).toBe(backend !== "none");
  });
});

describe("what keeps other programs away", () => {
  const UNMANAGED = "/etc/NetworkManager/conf.d/90-dualstack.conf";
  const managed = BACKENDS.filter((backend) => backend !== "none");

  test.each(managed)(
    "%s: interfaces of pods and Services are not NetworkManager's, routes of pods not networkd's",
    (backend) => {
      const step = rich(backend);
      const names = [
        "cali*",
        "flannel*",
        "cni*",
        "veth*",
        "kube-ipvs0",
        "cilium_*",
        "lxc*",
        "tunl*",
        "vxlan.calico",
        "nodelocaldns",
      ];
      for (const name of names) expect(text(step, UNMANAGED)).toContain(`interface-name:${name};`);
      expect(text(step, "/etc/systemd/networkd.conf.d/90-dualstack.conf")).toContain("ManageForeignRoutes=no\n");
      expect(text(step, "/etc/cloud/cloud.cfg.d/99-dualstack-network.cfg")).toBe("network: {config: disabled}\n");
    },
  );

  test("the interfaces of the spec are NetworkManager's only when it is the back end, or reads its files", () => {
    const owned = managed.filter((backend) => !text(rich(backend), UNMANAGED).includes("interface-name:eth0"));
    expect(owned).toEqual(["NetworkManager", "ifcfg"]);
  });

  test("NetworkManager manages Ethernet on Ubuntu as well, where a file of its package says otherwise", () => {
    const file = "/etc/NetworkManager/conf.d/10-globally-managed-devices.conf";
    expect(text(rich("NetworkManager"), file)).toMatch(/^#.*\n$/);
    expect(text(rich("ifcfg"), file)).toBe(`no ${file}`);
  });

  test("none writes no file of any network service", () => {
    expect(rich("none").files.map(({ handler }) => handler)).toEqual(["modules", "sysctl"]);
  });
});

test("of two default routes each has its metric, in the words of the back end", () => {
  const more = BOTH.replaceAll("gateway:", "gatewayMetric: 300, gateway:");
  const at = (backend: string, path: string) => text(small(backend, more), path);
  const networkd = at("systemd-networkd", "/etc/systemd/network/05-dualstack-eth0.network");
  expect(networkd).toContain("[Route]\nDestination=::/0\nGateway=fe80::1\nMetric=300\n");
  expect(networkd).not.toMatch(/^Gateway=.*\n(?!Metric)/m);
  const keyfile = at("NetworkManager", "/etc/NetworkManager/system-connections/dualstack-eth0.nmconnection");
  expect(keyfile).toContain("route1=0.0.0.0/0,10.0.0.1,300\n");
  expect(keyfile).not.toContain("gateway=");
  const scripts = "/etc/sysconfig/network-scripts";
  expect(at("ifcfg", `${scripts}/route6-eth0`)).toBe("::/0 via fe80::1 dev eth0 metric 300\n");
  expect(at("ifcfg", `${scripts}/ifcfg-eth0`)).not.toMatch(/GATEWAY|DEFAULTGW/);
  expect(at("ifupdown", "/etc/network/interfaces")).toContain("gateway fe80::1\n    metric 300\n");
  expect(parse(at("netplan", "/etc/netplan/90-dualstack.yaml")).network.ethernets.eth0.routes).toContainEqual({
    to: "default",
    via: "fe80::1",
    metric: 300,
  });
});

test("files that may hold secrets are readable by root alone, since their readers insist", () => {
  const modes = (backend: string, path: RegExp) =>
    new Set(
      rich(backend)
        .files.filter((file) => path.test(file.path))
        .map(({ mode }) => mode),
    );
  expect(modes("NetworkManager", /nmconnection$/)).toEqual(new Set(["0600"]));
  expect(modes("netplan", /netplan/)).toEqual(new Set(["0600"]));
});
