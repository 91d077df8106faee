/** The machines of a lab, from its spec: the cluster's hosts, which begin with one family, and the one outside, which has all of its own. */
import {
  type Address,
  type Cidr,
  type ClusterSpec,
  FAMILIES,
  type Family,
  type Host,
  inOrder,
  type PerFamily,
  perFamily,
} from "../spec";

/** One machine to be: its name, and its address of each family that its network has. */
export interface Machine {
  readonly name: string;
  readonly role: "control-plane" | "worker" | "outside";
  readonly addresses: PerFamily<Address>;
  /** The address by which SSH reaches it. */
  readonly reached: Address;
  /** What its own network configuration holds at the start. */
  readonly configured: readonly Family[];
}

/** The network that all machines of a lab share. */
export interface Lan {
  /** The families that it has, in the order of {@link FAMILIES}. */
  readonly families: readonly Family[];
  readonly ranges: PerFamily<Cidr>;
  readonly gateways: PerFamily<Address>;
}

/** The only interface that a container has. */
export const INTERFACE = "eth0";

/** The machines of `spec`. Throws Error for what cannot be a lab. */
export function machinesOf(spec: ClusterSpec): Machine[] {
  const hosts = spec.hosts.map((host): Machine => {
    const addresses = addressesOf(host);
    const reached = reachedBy(host.name, host.ssh.address, addresses);
    return { name: host.name, role: host.role, addresses, reached, configured: [reached.family] };
  });
  const { outside } = spec.verification;
  if (!outside) return hosts;
  const { name, ssh, addresses } = outside;
  const configured = inOrder(FAMILIES, addresses).map(({ family }) => family);
  return [...hosts, { name, role: "outside", addresses, reached: reachedBy(name, ssh.address, addresses), configured }];
}

/** The network of `spec`: ranges and gateways of its first host, in which every machine must lie. Throws Error for what cannot be a lab. */
export function lanOf(spec: ClusterSpec): Lan {
  const first = spec.hosts[0]!;
  const ip = first.interfaces[0]?.ip ?? {};
  const families = FAMILIES.filter((family) => ip[family]);
  const gateway = (family: Family) => {
    const { gateway: found, address } = ip[family]!;
    if (found && address.network.contains(found)) return found;
    throw new Error(
      `${first.name}: the lab's first host names the gateway of each family, in its range; for ${family} it has ${found ?? "none"}`,
    );
  };
  const lan: Lan = {
    families,
    ranges: perFamily(families, (family) => ip[family]!.address.network),
    gateways: perFamily(families, gateway),
  };
  for (const { name, addresses } of machinesOf(spec)) {
    for (const address of inOrder(FAMILIES, addresses)) {
      const range = lan.ranges[address.family];
      if (range?.contains(address)) continue;
      throw new Error(
        `${name}: ${address} is not in ${range ?? "any range of the first host"}; all machines of a lab share one network`,
      );
    }
  }
  return lan;
}

/** The systemd-networkd file with which a machine is born: the families that it has before dualstack comes. */
export function birthNetwork({ addresses, configured }: Machine, { ranges, gateways }: Lan): string {
  const lines = configured.flatMap((family) => [
    `Address=${addresses[family]}/${ranges[family]?.prefix}`,
    `Gateway=${gateways[family]}`,
  ]);
  const linkLocal = configured.includes("ipv6") ? "ipv6" : "no";
  const network = [`LinkLocalAddressing=${linkLocal}`, "IPv6AcceptRA=no", ...lines];
  return ["[Match]", `Name=${INTERFACE}`, "", "[Network]", ...network, ""].join("\n");
}

function addressesOf({ name, interfaces }: Host): PerFamily<Address> {
  const [first, ...further] = interfaces;
  if (first?.name !== INTERFACE || further.length > 0)
    throw new Error(`${name}: a lab host has one interface, called ${INTERFACE}`);
  const families = FAMILIES.filter((family) => first.ip[family]);
  return perFamily(families, (family) => first.ip[family]!.address.address);
}

function reachedBy(name: string, target: string, addresses: PerFamily<Address>): Address {
  const own = inOrder(FAMILIES, addresses).find((address) => `${address}` === target);
  if (own) return own;
  throw new Error(
    `${name}: a lab host is reached by SSH at an address of its own (${inOrder(FAMILIES, addresses).join(", ")}), not at ${target}`,
  );
}
