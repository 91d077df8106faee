/** What is looked at in a host's network before it is changed. Pure. */
import { FAMILIES, inOrder } from "../../spec/families";
import type { ClusterSpec, Host, Interface } from "../../spec/types";
import type { Facts } from "./facts";
import type { HostCheck } from "./finding";
import { endpointName } from "./questions";

/** Does dualstack write this host's interfaces? */
export function isManaged({ backend }: Host): boolean {
  return backend !== "none";
}

function plannedAddresses({ host }: Facts, { network }: ClusterSpec) {
  return host.interfaces.flatMap(({ name, ip }) =>
    inOrder(network.families, ip).flatMap(({ address, secondary }) =>
      [address, ...secondary].map((one) => ({ device: name, address: one })),
    ),
  );
}

const shown = (facts: Facts, spec: ClusterSpec) =>
  plannedAddresses(facts, spec).map((one) => ({
    ...one,
    found: facts.addresses.find(
      ({ device, address }) => device === one.device && address.address.equals(one.address.address),
    ),
  }));

/** The links that must be there: a bond's members, what carries a VLAN; dualstack makes the bond and the VLAN itself. */
function madeOf(host: Host, { name, bond, vlan }: Interface): readonly string[] {
  if (!isManaged(host)) return [name];
  if (bond !== undefined) return bond.members;
  if (vlan === undefined) return [name];
  const carrier = host.interfaces.find((one) => one.name === vlan.parent);
  return carrier === undefined ? [vlan.parent] : madeOf(host, carrier);
}

const listed = (items: readonly string[]) => items.join(", ") || undefined;

/** The back end that fits how an interface of the host is configured now; undefined when nothing configures it. */
export function backendOf({ managers }: Facts, device: string): string | undefined {
  const words = managers.map((line) => line.split(" "));
  const isActive = (service: string) => words.some(([kind, name]) => kind === "active" && name === service);
  const says = (kind: string, states: RegExp) =>
    words.some(([is, name, state = ""]) => is === kind && name === device && states.test(state));
  const netplan = words.some(([kind]) => kind === "netplan");
  // NetworkManager of RHEL up to 9 reads ifcfg files, too
  if (says("ifcfg", /^/)) return "ifcfg";
  if (isActive("NetworkManager") && says("NetworkManager", /^connected|^connecting/))
    return netplan ? "netplan" : "NetworkManager";
  if (isActive("systemd-networkd") && says("networkd", /^config/)) return netplan ? "netplan" : "systemd-networkd";
  if (says("ifupdown", /./)) return "ifupdown";
  return isActive("network") ? "ifcfg" : undefined;
}

export const NETWORK: readonly HostCheck[] = [
  {
    code: "interface-missing",
    severity: "error",
    title: "the interfaces are there",
    find: ({ host, links }) =>
      listed([...new Set(host.interfaces.flatMap((one) => madeOf(host, one)))].filter((name) => !links.has(name))),
    why: "an address cannot be given to an interface that is not there",
    remedy: "write the name that 'ip link' shows on the host",
  },
  {
    code: "address-missing",
    severity: "error",
    title: "addresses that dualstack does not give are there",
    find: (facts, spec) =>
      isManaged(facts.host)
        ? undefined
        : listed(
            shown(facts, spec).flatMap(({ device, address, found }) =>
              found === undefined ? [`${address} on ${device}`] : [],
            ),
          ),
    why: "with network.backend: none the host's own network stays as it is",
    remedy: "give the host these addresses, or let dualstack do it: network.backend",
  },
  {
    code: "address-dynamic",
    severity: "warning",
    title: "the addresses are static",
    find: (facts, spec) =>
      isManaged(facts.host)
        ? undefined
        : listed(
            shown(facts, spec).flatMap(({ address, found }) =>
              found?.flags.some((flag) => /^(dynamic|temporary|mngtmpaddr)$/.test(flag))
                ? [`${address} is dynamic`]
                : [],
            ),
          ),
    why: "kubelet and certificates hold the address; it may be another after a restart",
    remedy: "make it static on the host, or let dualstack do it: network.backend",
  },
  {
    code: "address-duplicate",
    severity: "error",
    title: "no other machine has the addresses",
    find: (facts, spec) =>
      listed(
        shown(facts, spec).flatMap(({ address, found }) => (found?.flags.includes("dadfailed") ? [`${address}`] : [])),
      ),
    why: "duplicate address detection (RFC 4862) found another machine with it on the link",
    remedy: "give this host another address, or that machine",
  },
  {
    code: "default-route",
    severity: "warning",
    title: "every family has a default route",
    find: (facts, { network }) =>
      listed(
        network.families.filter(
          (family) =>
            facts.host.interfaces.every(({ ip }) => ip[family]?.gateway === undefined) &&
            facts.routes[family].every(({ to }) => to !== "default"),
        ),
      ),
    why: "flannel does not start without one, and services are not reached",
    remedy: "write the gateway of this family into the spec, or add the route on the host",
  },
  {
    code: "network-manager",
    severity: "warning",
    title: "one network service has each interface",
    find: (facts) => {
      if (!isManaged(facts.host)) return undefined;
      const { backend } = facts.host;
      const others = facts.host.interfaces.flatMap(({ name }) => {
        const found = backendOf(facts, name);
        return found === undefined || found === backend
          ? []
          : [`${name} is configured by ${found}, the spec says ${backend}`];
      });
      return listed(others);
    },
    why: "two network services on one interface undo one another's work",
    remedy: (facts) =>
      `write backend: ${facts.host.interfaces.map(({ name }) => backendOf(facts, name)).find(Boolean) ?? "none"} at the host, or take the interfaces from that service`,
  },
  {
    code: "ifenslave",
    severity: "error",
    title: "bonds have Debian's ifenslave exactly where they need it",
    find: ({ host, managers }) => {
      const bonds = host.interfaces.flatMap(({ name, bond }) => (bond === undefined ? [] : [name]));
      const ifenslave = managers.find((line) => line.split(" ")[0] === "ifenslave");
      if (bonds.length === 0) return undefined;
      if (host.backend === "ifupdown" && ifenslave === undefined)
        return `${listed(bonds)} by ifupdown without ifenslave`;
      return host.backend === "NetworkManager" && ifenslave === "ifenslave dispatched"
        ? `${listed(bonds)} by NetworkManager beside ifenslave`
        : undefined;
    },
    why: "ifupdown makes bonds by this package alone; its hook takes the cards out of NetworkManager's bonds again",
    remedy: ({ host }) =>
      host.backend === "ifupdown"
        ? "apt-get install ifenslave"
        : "apt-get purge ifenslave, or write backend: ifupdown, which needs it",
  },
  {
    code: "name-server",
    severity: "warning",
    title: "a name server is set",
    find: ({ nameServers }, { network }) =>
      nameServers.length === 0 && network.dns.length === 0 ? "none in /etc/resolv.conf" : undefined,
    why: "packages and images are fetched by name, and the cluster's DNS asks the hosts' servers",
    remedy: "set one on the host, or write network.dns",
  },
  {
    code: "endpoint-name",
    severity: "error",
    title: "the endpoint's name is known",
    find: ({ endpoint }, spec) =>
      endpointName(spec) !== undefined && endpoint.length === 0 ? `no address for ${endpointName(spec)}` : undefined,
    why: "nodes find the Kubernetes API by this name",
    remedy: "put it into DNS with the addresses of the control planes, or into /etc/hosts of every host",
  },
  {
    code: "forwarding",
    severity: "error",
    title: "hosts that have joined forward every family",
    find: ({ system, forwarding }, { network }) =>
      system.get("cluster") !== "ours"
        ? undefined
        : listed(network.families.filter((family) => forwarding[family] !== "1").map((family) => `${family} is off`)),
    why: "kubeadm looks at the endpoint's family only; pods of the other one would reach nothing",
    remedy: "dualstack verify --hosts shows what else drifted; dualstack repair brings it back",
  },
  {
    code: "ping",
    severity: "warning",
    title: "ping is there to try the peers",
    find: ({ system }) => (system.get("ping") === "" ? "no ping" : undefined),
    why: "without it the size of packets between the hosts is not tried",
    remedy: "install iputils (iputils-ping on Debian and Ubuntu)",
  },
  {
    code: "mtu",
    severity: "error",
    title: "links carry what IPv6 needs",
    find: ({ host, links }, { network }) =>
      network.families.includes("ipv6")
        ? listed(
            host.interfaces.flatMap(({ name, mtu }) => {
              const found = mtu ?? links.get(name)?.mtu ?? 1280;
              return found < 1280 ? [`${name}: ${found} bytes`] : [];
            }),
          )
        : undefined,
    why: "IPv6 needs packets of 1280 bytes (RFC 8200 section 5); the kernel takes it off a smaller link",
    remedy: "write interfaces[].mtu: 1280 or more",
  },
];

/** Families that an address of `facts` is there for already. */
export function familiesThere(facts: Facts) {
  return FAMILIES.filter((family) =>
    facts.addresses.some(({ address }) => facts.host.addresses[family]?.equals(address.address)),
  );
}
