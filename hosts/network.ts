/** Step network: interfaces of both families (systemd-networkd), kernel modules and sysctl. */
import { type Family, inOrder } from "../spec/families";
import type { ClusterSpec, Host, Interface } from "../spec/types";
import type { PlannedFile, Step } from "./document";
import { type IniSection, toIni } from "./serialize";

/** The step that gives a host its addresses and makes it forward packets of every family of the cluster. */
export function networkStep(spec: ClusterSpec, host: Host): Step {
  const managed = spec.network.backend === "systemd-networkd" ? host.interfaces : [];
  const { families } = spec.network;
  return {
    name: "network",
    files: [
      modules(spec),
      sysctls(families),
      ...managed.map((each) => networkdFile(each, families)),
      ...(managed.length > 0 ? [networkdSettings] : []),
    ],
    values: host.interfaces.flatMap((each) => addressValues(each, families)),
  };
}

/** What the host must see of itself when the step ends: each address, without a duplicate; each gateway, answering. */
function addressValues({ name, ip }: Interface, families: readonly Family[]): [string, string][] {
  return inOrder(families, ip).flatMap(({ address, gateway }): [string, string][] => [
    ["address", `${name} ${address.address}`],
    ...(gateway === undefined ? [] : [["gateway", `${name} ${gateway}`] as [string, string]]),
  ]);
}

/** The kernel modules of the ways between hosts. */
const TUNNELS: { readonly [B in ClusterSpec["cni"]["backend"]]: readonly string[] } = {
  vxlan: ["vxlan"],
  "vxlan-cross-subnet": ["vxlan"],
  geneve: ["geneve"],
  wireguard: ["wireguard"],
  "host-gw": [],
  native: [],
  bgp: [],
};

function modules(spec: ClusterSpec): PlannedFile {
  const names = ["overlay", "br_netfilter", "nf_conntrack"];
  if (spec.kubeProxy.mode === "nftables") names.push("nf_tables");
  names.push(...TUNNELS[spec.cni.backend]);
  return {
    path: "/etc/modules-load.d/dualstack.conf",
    mode: "0644",
    handler: "modules",
    text: `${names.join("\n")}\n`,
  };
}

/** Forwarding and bridge calls per family. kubeadm checks them for the endpoint's family only, so both are ours (k/k preflight/checks.go). */
const SYSCTLS: { readonly [F in Family]: readonly string[] } = {
  ipv4: ["net.ipv4.ip_forward = 1", "net.bridge.bridge-nf-call-iptables = 1"],
  ipv6: [
    "net.ipv6.conf.all.disable_ipv6 = 0",
    "net.ipv6.conf.default.disable_ipv6 = 0",
    "net.ipv6.conf.all.forwarding = 1",
    "net.ipv6.conf.default.forwarding = 1",
    "net.bridge.bridge-nf-call-ip6tables = 1",
  ],
};

function sysctls(families: readonly Family[]): PlannedFile {
  const lines = families.flatMap((family) => SYSCTLS[family]);
  return { path: "/etc/sysctl.d/90-dualstack.conf", mode: "0644", handler: "sysctl", text: `${lines.join("\n")}\n` };
}

/** One interface: static addresses of both families. Router advertisements are off, since addresses and routes are given (systemd.network(5)). */
function networkdFile(each: Interface, families: readonly Family[]): PlannedFile {
  const ips = inOrder(families, each.ip);
  const sections: IniSection[] = [
    ["Match", [["Name", each.name]]],
    ["Link", each.mtu === undefined ? [] : [["MTUBytes", String(each.mtu)]]],
    [
      "Network",
      [
        ...ips.map(({ address }) => ["Address", address.toString()] as const),
        ...ips.flatMap(({ gateway }) => (gateway === undefined ? [] : [["Gateway", gateway.toString()] as const])),
        ["IPv6AcceptRA", "no"],
        ["LinkLocalAddressing", each.ip.ipv6 === undefined ? "no" : "ipv6"],
      ],
    ],
  ];
  return {
    path: `/etc/systemd/network/05-dualstack-${each.name}.network`,
    mode: "0644",
    handler: "network",
    text: toIni(sections),
  };
}

/** Without this networkd removes the routes and rules of the CNI (networkd.conf(5)). */
const networkdSettings: PlannedFile = {
  path: "/etc/systemd/networkd.conf.d/90-dualstack.conf",
  mode: "0644",
  handler: "network",
  text: toIni([
    [
      "Network",
      [
        ["ManageForeignRoutes", "no"],
        ["ManageForeignRoutingPolicyRules", "no"],
      ],
    ],
  ]),
};
