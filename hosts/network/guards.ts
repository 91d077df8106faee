/** What keeps the other programs of a host from undoing the network of the host and of its pods. */
import type { Backend } from "../../spec/interface-types";
import type { PlannedFile } from "../document";
import { toIni } from "../serialize";
import type { Link } from "./links";

/** The files that go with every back end but none. */
export function guards(backend: Backend, all: readonly Link[]): PlannedFile[] {
  return [
    ...(backend === "NetworkManager" ? [managed] : []),
    unmanaged(backend, all),
    networkdSettings,
    ...named(backend, all),
    cloudInit,
  ];
}

/**
 * Interfaces that CNIs, kube-proxy and NodeLocal DNS make. NetworkManager would take their addresses for a mistake (Calico's
 * documentation, "Configure NetworkManager"; kube-ipvs0 holds every Service's address).
 */
const MADE = [
  "cali*",
  "tunl*",
  "vxlan.calico",
  "vxlan-v6.calico",
  "wireguard.cali",
  "wg-v6.cali",
  "flannel*",
  "cni*",
  "cilium_*",
  "lxc*",
  "veth*",
  "kube-ipvs0",
  "kube-bridge",
  "nodelocaldns",
  "docker*",
];

/** NetworkManager leaves alone what pods need, and what another program configures. `+=` keeps what is unmanaged already (NetworkManager.conf(5)). */
function unmanaged(backend: Backend, all: readonly Link[]): PlannedFile {
  const manages = backend === "NetworkManager" || backend === "ifcfg";
  const names = [...MADE, ...(manages ? [] : all.map(({ name }) => name))];
  const value = names.map((name) => `interface-name:${name}`).join(";");
  return {
    path: "/etc/NetworkManager/conf.d/90-dualstack.conf",
    mode: "0644",
    handler: "network",
    text: toIni([["keyfile", [["unmanaged-devices+", value]]]]),
  };
}

/** Ubuntu's NetworkManager has a file of this name in /usr/lib that leaves all but Wi-Fi to others; one in /etc takes its place (NetworkManager.conf(5)). */
const managed: PlannedFile = {
  path: "/etc/NetworkManager/conf.d/10-globally-managed-devices.conf",
  mode: "0644",
  handler: "network",
  text: "# NetworkManager configures this host: no kind of interface is left to others.\n",
};

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
        ["ManageForeignNextHops", "no"],
      ],
    ],
  ]),
};

/** cloud-init writes files of its own at every boot, unless it is told not to (cloud-init's documentation, "Network configuration sources"). */
const cloudInit: PlannedFile = {
  path: "/etc/cloud/cloud.cfg.d/99-dualstack-network.cfg",
  mode: "0644",
  handler: "none",
  text: "network: {config: disabled}\n",
};

/**
 * udev gives a card the name that the spec has for it (systemd.link(5)); Type keeps VLANs and bonds out, which have the address of a
 * card of theirs. netplan makes such files itself, and initscripts have a rule of their own for HWADDR.
 */
function named(backend: Backend, all: readonly Link[]): PlannedFile[] {
  if (backend === "netplan" || backend === "ifcfg") return [];
  return all.flatMap(({ name, mac }): PlannedFile[] => {
    if (mac === undefined) return [];
    const text = toIni([
      [
        "Match",
        [
          ["MACAddress", mac],
          ["Type", "ether"],
        ],
      ],
      [
        "Link",
        [
          ["NamePolicy", ""],
          ["Name", name],
        ],
      ],
    ]);
    return [{ path: `/etc/systemd/network/05-dualstack-${name}.link`, mode: "0644", handler: "none", text }];
  });
}
