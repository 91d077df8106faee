/** The machines of the lab, from the spec: the cluster's hosts, which begin with IPv4 only, and the one outside, which has both families. */
import {
  type Address,
  type Cidr,
  type ClusterSpec,
  FAMILIES,
  type Family,
  type InterfaceAddress,
  type PerFamily,
} from "../spec";

/** One machine to be: its name, and the addresses that Docker gives it. */
export interface Machine {
  readonly name: string;
  readonly role: "control-plane" | "worker" | "outside";
  readonly addresses: Required<PerFamily<Address>>;
  /** What its own network configuration holds at the start. */
  readonly configured: readonly Family[];
}

/** The network that all machines share. */
export interface Lan {
  readonly ranges: Required<PerFamily<Cidr>>;
  readonly gateways: Required<PerFamily<Address>>;
}

/** The only interface that a container has. */
export const INTERFACE = "eth0";

/** The machines of `spec`. */
export function machinesOf(spec: ClusterSpec): Machine[] {
  const hosts = spec.hosts.map(
    ({ name, role, addresses }): Machine => ({ name, role, addresses: both(name, addresses), configured: ["ipv4"] }),
  );
  const { outside } = spec.verification;
  if (!outside) return hosts;
  return [
    ...hosts,
    { name: outside.name, role: "outside", addresses: both(outside.name, outside.addresses), configured: FAMILIES },
  ];
}

/** The network of `spec`: ranges and gateways of its first host, in which every machine must lie. */
export function lanOf(spec: ClusterSpec): Lan {
  const first = spec.hosts[0]?.interfaces[0];
  if (first?.name !== INTERFACE)
    throw new Error(`a lab host has one interface, ${INTERFACE}; the spec calls it ${first?.name}`);
  const lan = {
    ranges: pick(first.ip, ({ address }) => address.network),
    gateways: pick(first.ip, ({ gateway }) => gateway),
  };
  for (const { name, addresses } of machinesOf(spec)) {
    for (const family of FAMILIES) {
      if (lan.ranges[family].contains(addresses[family])) continue;
      throw new Error(
        `${name}: ${addresses[family]} is not in ${lan.ranges[family]}; all machines of a lab share one network`,
      );
    }
  }
  return lan;
}

/** The systemd-networkd file with which a machine is born: the families that it has before dualstack comes. */
export function birthNetwork({ addresses, configured }: Machine, { ranges, gateways }: Lan): string {
  const lines = configured.flatMap((family) => [
    `Address=${addresses[family]}/${ranges[family].prefix}`,
    `Gateway=${gateways[family]}`,
  ]);
  const linkLocal = configured.includes("ipv6") ? "ipv6" : "no";
  const network = [`LinkLocalAddressing=${linkLocal}`, "IPv6AcceptRA=no", ...lines];
  return ["[Match]", `Name=${INTERFACE}`, "", "[Network]", ...network, ""].join("\n");
}

type InterfaceIp = PerFamily<{ readonly address: InterfaceAddress; readonly gateway?: Address }>;

function pick<T>(
  ip: InterfaceIp,
  read: (of: NonNullable<InterfaceIp[Family]>) => T | undefined,
): Required<PerFamily<T>> {
  const value = (family: Family) => {
    const found = ip[family] && read(ip[family]);
    if (found === undefined) throw new Error(`the lab's first host needs an address and a gateway for ${family}`);
    return found;
  };
  return { ipv4: value("ipv4"), ipv6: value("ipv6") };
}

function both(name: string, { ipv4, ipv6 }: PerFamily<Address>): Required<PerFamily<Address>> {
  if (!ipv4 || !ipv6) throw new Error(`${name}: a lab machine needs an address of both families`);
  return { ipv4, ipv6 };
}
