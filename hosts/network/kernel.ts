/** Kernel modules and sysctl of a host, for every family of the cluster. */
import type { Family } from "../../spec/families";
import type { ClusterSpec, Host } from "../../spec/types";
import type { PlannedFile } from "../document";
import { platformSettings } from "../platform";

/** What kube-proxy's modes need of the kernel; it loads what iptables needs itself. */
const OF_MODE: { readonly [M in ClusterSpec["kubeProxy"]["mode"]]: readonly string[] } = {
  none: [],
  nftables: ["nf_tables"],
  iptables: [],
  // the schedulers that kube-proxy can be told to use, and the interface that holds the addresses (k/k pkg/proxy/ipvs)
  ipvs: ["ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh", "dummy"],
};

/** What the network add-on's ways between hosts need of it. */
const OF_BACKEND: { readonly [B in ClusterSpec["cni"]["backend"]]: readonly string[] } = {
  vxlan: ["vxlan"],
  "vxlan-cross-subnet": ["vxlan"],
  geneve: ["geneve"],
  wireguard: ["wireguard"],
  "host-gw": [],
  native: [],
  bgp: [],
};

/** Modules that are loaded now and at every boot. */
export function modules(spec: ClusterSpec, host: Host): PlannedFile {
  const names = ["overlay", "br_netfilter", "nf_conntrack", ...OF_MODE[spec.kubeProxy.mode]];
  names.push(...OF_BACKEND[spec.cni.backend]);
  if (host.backend !== "none") {
    if (host.interfaces.some(({ vlan }) => vlan !== undefined)) names.push("8021q");
    if (host.interfaces.some(({ bond }) => bond !== undefined)) names.push("bonding");
  }
  return {
    path: "/etc/modules-load.d/dualstack.conf",
    mode: "0644",
    handler: "modules",
    text: `${names.join("\n")}\n`,
  };
}

/** Forwarding and bridge calls per family. kubeadm checks them for the endpoint's family only, so both are ours (k/k preflight/checks.go). */
const SYSCTLS: { readonly [F in Family]: readonly string[] } = {
  ipv4: [
    "net.ipv4.ip_forward = 1",
    "net.ipv4.conf.all.forwarding = 1",
    "net.ipv4.conf.default.forwarding = 1",
    "net.bridge.bridge-nf-call-iptables = 1",
  ],
  ipv6: [
    "net.ipv6.conf.all.disable_ipv6 = 0",
    "net.ipv6.conf.default.disable_ipv6 = 0",
    "net.ipv6.conf.all.forwarding = 1",
    "net.ipv6.conf.default.forwarding = 1",
    "net.bridge.bridge-nf-call-ip6tables = 1",
  ],
};

/** The values in their order: systemd-sysctl and sysctl write them from the first to the last. */
export function sysctls(spec: ClusterSpec, host: Host): PlannedFile {
  const { families } = spec.network;
  const lines = [
    ...acceptAdvertisements(host),
    ...families.flatMap((family) => SYSCTLS[family]),
    ...(platformSettings(spec.platform).ownKernel ? neighbours(spec) : []),
  ];
  return { path: "/etc/sysctl.d/90-dualstack.conf", mode: "0644", handler: "sysctl", text: `${lines.join("\n")}\n` };
}

/** networkd and NetworkManager take in router advertisements themselves and keep the kernel's accept_ra at 0; with a 2 of ours both would set routes. */
const KERNEL_ACCEPTS: ReadonlySet<Host["backend"]> = new Set(["ifcfg", "ifupdown", "none"]);

/**
 * A host that forwards does not take in router advertisements, so a default route that was learned goes when its lifetime ends,
 * unless accept_ra is 2, which must be there before forwarding is. `all` does not change interfaces that are there, so each has its
 * own line (Linux ip-sysctl.rst; kubernetes/kops #12385). With slashes, since a name may have a dot (sysctl.d(5)). A link that the back
 * end makes is not there yet: its own file says the same.
 */
function acceptAdvertisements({ backend, interfaces }: Host): string[] {
  if (!KERNEL_ACCEPTS.has(backend)) return [];
  return interfaces
    .filter(({ advertisements, vlan, bond }) => advertisements && (backend === "none" || (!vlan && !bond)))
    .map(({ name }) => `net/ipv6/conf/${name}/accept_ra = 2`);
}

/** Neighbours of a host that are no hosts: its own pods (kubelet's limit is 110), routers, and room for a link that is shared. */
const OTHER_NEIGHBOURS = 256;

/**
 * Sizes of the tables of neighbours: below the first size nothing is thrown out, above the last packets are lost ("neighbour table
 * overflow"; the kernel's own are 128, 512 and 1024). Each other host is a neighbour on its link and again in the overlay. Powers of
 * two, so that one host more changes the file of the others no more often than each time their number has doubled.
 */
function neighbours({ hosts, network: { families } }: ClusterSpec): string[] {
  const wanted = 2 * hosts.length + OTHER_NEIGHBOURS;
  const first = Math.max(1024, 2 ** Math.ceil(Math.log2(wanted)));
  return families.flatMap((family) =>
    [1, 2, 3].map((n) => `net.${family}.neigh.default.gc_thresh${n} = ${first * 2 ** (n - 1)}`),
  );
}
