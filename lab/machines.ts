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

/** The network services of a lab host. */
export const SERVICES = ["systemd-networkd", "NetworkManager", "netplan", "ifupdown"] as const;
export type Service = (typeof SERVICES)[number];

/** One machine to be: its name, and its address of each family that its network has. */
export interface Machine {
  readonly name: string;
  readonly role: "control-plane" | "worker" | "outside";
  readonly addresses: PerFamily<Address>;
  /** The address by which SSH reaches it. */
  readonly reached: Address;
  /** Who configures its network at the start, and which families. */
  readonly service: Service;
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
    const { backend } = host;
    const service = serviceOf(host.name, backend);
    // where dualstack is not to touch the network, the host has all of it from the start
    const configured = backend === "none" ? familiesOf(addresses) : [reached.family];
    return { name: host.name, role: host.role, addresses, reached, service, configured };
  });
  const { outside } = spec.verification;
  if (!outside) return hosts;
  const { name, ssh, addresses } = outside;
  const reached = reachedBy(name, ssh.address, addresses);
  const configured = familiesOf(addresses);
  return [...hosts, { name, role: "outside", addresses, reached, service: "systemd-networkd", configured }];
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

const familiesOf = (addresses: PerFamily<Address>) => inOrder(FAMILIES, addresses).map(({ family }) => family);

function serviceOf(name: string, backend: string): Service {
  const service = backend === "none" ? "systemd-networkd" : SERVICES.find((each) => each === backend);
  if (service) return service;
  throw new Error(`${name}: a lab host is Debian, which has no ${backend}; it knows ${SERVICES.join(", ")} and none`);
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
