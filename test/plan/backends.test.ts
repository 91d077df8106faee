/**
 * One rich host as every back end writes it. The files are in backends/NAME as they will be on the host, each text behind its mode;
 * UPDATE_GOLDEN=1 writes them anew. What matters is named below. Real readers of them: test/lab/readers.test.ts.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { parse } from "yaml";
import type { PlannedFile, Step } from "../../hosts/document";
import { networkStep } from "../../hosts/network";
import { parseSpec } from "../../spec";

const FOLDER = join(__dirname, "backends");
const RICH = readFileSync(join(FOLDER, "rich.yaml"), "utf8");
const BACKENDS = ["systemd-networkd", "NetworkManager", "netplan", "ifcfg", "ifupdown", "none"] as const;

function stepOf(text: string): Step {
  const { spec } = parseSpec(text, { file: "rich.yaml" });
  return networkStep(spec, spec.hosts[0]!);
}

const rich = (backend: string) => stepOf(RICH.replace("backend: systemd-networkd", `backend: ${backend}`));

/** A host with one interface. `more` is written into it. */
function small(backend: string, more: string, rest = ""): Step {
  return stepOf(`
name: small
network: {backend: ${backend}}
${rest}
hosts:
  - name: cp-1
    role: control-plane
    ssh: {hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS"}
    interfaces: [{name: eth0, ${more}}]
`);
}

const V4 = "ipv4: {address: 10.0.0.11/24, gateway: 10.0.0.1}";
const BOTH = `${V4}, ipv6: {address: "fd00:10::11/64", gateway: "fe80::1"}`;

function text({ files }: Step, path: string): string {
  return files.find((file) => file.path === path)?.text ?? `no ${path}`;
}

const values = (step: Step, name: string) => step.values.filter(([one]) => one === name).map(([, value]) => value);

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

describe("router advertisements", () => {
  const advertised = `${V4}, ipv6: {address: "fd00:10::11/64", advertisements: true}`;
  const ACCEPT = "net/ipv6/conf/eth0/accept_ra = 2";
  const sysctl = (step: Step) => text(step, "/etc/sysctl.d/90-dualstack.conf").split("\n");

  test.each(["ifcfg", "ifupdown", "none"])(
    "%s: the kernel takes them in though it forwards, and is told so before",
    (backend) => {
      const lines = sysctl(small(backend, advertised));
      expect(lines.indexOf(ACCEPT)).toBe(0);
      expect(lines.indexOf("net.ipv6.conf.all.forwarding = 1")).toBeGreaterThan(0);
      expect(sysctl(small(backend, BOTH))).not.toContain(ACCEPT);
    },
  );

  test.each(["systemd-networkd", "NetworkManager", "netplan"])(
    "%s takes them in itself, so the kernel must not",
    (backend) => {
      expect(sysctl(small(backend, advertised)).join()).not.toContain("accept_ra");
    },
  );

  test("each back end is told, and is told no otherwise", () => {
    const says = (more: string) => [
      text(small("systemd-networkd", more), "/etc/systemd/network/05-dualstack-eth0.network").match(
        /IPv6AcceptRA=.*/,
      )?.[0],
      text(small("NetworkManager", more), "/etc/NetworkManager/system-connections/dualstack-eth0.nmconnection").match(
        /method=(?!manual\naddress1=10).*/,
      )?.[0],
      parse(text(small("netplan", more), "/etc/netplan/90-dualstack.yaml")).network.ethernets.eth0["accept-ra"],
      text(small("ifcfg", more), "/etc/sysconfig/network-scripts/ifcfg-eth0").match(/IPV6_AUTOCONF=.*/)?.[0],
      text(small("ifupdown", more), "/etc/network/interfaces").match(/accept_ra .*/)?.[0],
    ];
    expect(says(advertised)).toEqual(["IPv6AcceptRA=yes", "method=auto", true, "IPV6_AUTOCONF=yes", "accept_ra 2"]);
    expect(says(BOTH)).toEqual(["IPv6AcceptRA=no", "method=manual", false, "IPV6_AUTOCONF=no", "accept_ra 0"]);
  });
});

describe("a host without a way out", () => {
  const lonely = 'ipv4: {address: 10.0.0.11/24}, ipv6: {address: "fd00:10::11/64"}';

  test("has default routes of last resort by its own link, so Services are reached and flannel starts", () => {
    const file = text(small("systemd-networkd", lonely), "/etc/systemd/network/05-dualstack-eth0.network");
    expect(file).toContain("[Route]\nDestination=0.0.0.0/0\nScope=link\nMetric=65535\n");
    expect(file).toContain("[Route]\nDestination=::/0\nMetric=65535\n");
    const keyfile = text(
      small("NetworkManager", lonely),
      "/etc/NetworkManager/system-connections/dualstack-eth0.nmconnection",
    );
    expect(keyfile).toContain("route1=::/0,::,65535\n");
    expect(text(small("ifcfg", lonely), "/etc/sysconfig/network-scripts/route6-eth0")).toBe(
      "::/0 dev eth0 metric 65535\n",
    );
    expect(text(small("ifupdown", lonely), "/etc/network/interfaces")).toContain(
      "up ip -6 route replace ::/0 dev $IFACE metric 65535\n",
    );
    expect(
      parse(text(small("netplan", lonely), "/etc/netplan/90-dualstack.yaml")).network.ethernets.eth0.routes,
    ).toContainEqual({
      to: "::/0",
      scope: "link",
      metric: 65535,
    });
  });

  test("needs no dummy interface, which some kernels have not", () => {
    expect(text(small("systemd-networkd", lonely), "/etc/modules-load.d/dualstack.conf")).not.toContain("dummy");
  });

  test("has none where a gateway is given or learned, or the other family is not the cluster's", () => {
    const learned = `${V4}, ipv6: {address: "fd00:10::11/64", advertisements: true}`;
    for (const more of [BOTH, learned]) {
      const file = text(small("systemd-networkd", more), "/etc/systemd/network/05-dualstack-eth0.network");
      expect(file).not.toContain("65535");
    }
  });
});

describe("ifcfg", () => {
  const step = rich("ifcfg");
  const scripts = "/etc/sysconfig/network-scripts";

  /** What bash has in its variables after a file: network scripts source them (network-functions, source_config). */
  function sourced(name: string): Record<string, string> {
    const folder = mkdtempSync(join(tmpdir(), "dualstack-ifcfg-"));
    try {
      writeFileSync(join(folder, name), text(step, `${scripts}/${name}`));
      const names = [...text(step, `${scripts}/${name}`).matchAll(/^(\w+)=/gm)].map(([, one]) => one);
      const line = `. "$1"; for name in ${names.join(" ")}; do printf '%s=%s\\n' "$name" "\${!name}"; done`;
      const shown = execFileSync("bash", ["--norc", "-euc", line, "-", join(folder, name)], {
        encoding: "utf8",
        env: { PATH: process.env.PATH },
      });
      return Object.fromEntries(
        shown
          .trim()
          .split("\n")
          .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("a shell reads both families, further addresses and name servers out of it", () => {
    expect(sourced("ifcfg-bond0.100")).toMatchObject({
      DEVICE: "bond0.100",
      IPADDR: "192.168.1.11",
      PREFIX: "24",
      IPADDR1: "192.168.1.12",
      GATEWAY: "192.168.1.1",
      IPV6INIT: "yes",
      IPV6ADDR: "fd00:1::11/64",
      IPV6ADDR_SECONDARIES: "fd00:1::12/64 fd00:7::12/64",
      IPV6_DEFAULTGW: "fe80::1%bond0.100",
      IPV6_AUTOCONF: "no",
      IPV6_PRIVACY: "no",
      IPV6_MTU: "1500",
      DNS1: "192.168.1.1",
      DNS2: "fd00:1::53",
      DOMAIN: "lab.example example.org",
    });
  });

  test("ifup makes the VLAN by VID, NetworkManager by VLAN_ID", () => {
    expect(sourced("ifcfg-bond0.100")).toMatchObject({ VLAN: "yes", PHYSDEV: "bond0", VID: "100", VLAN_ID: "100" });
  });

  test("the bond has its options in one word, its members name it", () => {
    expect(sourced("ifcfg-bond0")).toMatchObject({
      BONDING_OPTS: "mode=active-backup miimon=50 primary=eth1",
      BONDING_MASTER: "yes",
    });
    expect(sourced("ifcfg-eth2")).toMatchObject({ MASTER: "bond0", SLAVE: "yes" });
  });

  test("a card is known by its address in capitals, as ifup-eth compares it", () => {
    expect(sourced("ifcfg-eth0").HWADDR).toBe("52:54:00:AB:CD:01");
  });

  test("forwarding is said where ifup-ipv6 would turn it off, and IPv6 is on for the module", () => {
    expect(text(step, "/etc/sysconfig/network")).toBe("NETWORKING=yes\nNETWORKING_IPV6=yes\nIPV6FORWARDING=yes\n");
    expect(text(step, "/etc/modprobe.d/dualstack-ipv6.conf")).toBe("options ipv6 disable=0 disable_ipv6=0\n");
  });

  test("IPV6_ADDR_GEN_MODE is gone unless it is asked for", () => {
    const all = (more: string) =>
      small("ifcfg", more)
        .files.map((file) => file.text)
        .join("");
    expect(all(BOTH)).not.toContain("IPV6_ADDR_GEN_MODE");
    expect(all(BOTH.replace('gateway: "', 'addressGeneration: stable-privacy, gateway: "'))).toContain(
      "IPV6_ADDR_GEN_MODE=stable-privacy\n",
    );
  });

  test("routes are in the words of ip route, which gets them as they are", () => {
    expect(text(step, `${scripts}/route-bond0.100`)).toBe("172.30.0.0/16 via 192.168.1.2 dev bond0.100 metric 50\n");
    expect(text(step, `${scripts}/route6-bond0.100`)).toBe("fd00:9::/64 via fe80::9 dev bond0.100\n");
  });
});

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
