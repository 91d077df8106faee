/** The machines of a lab, from its spec: the cluster's hosts, which begin with one family, and the one outside, which has all of its own. */
import {
  type Address,
  type Cidr,
  type ClusterSpec,
  FAMILIES,
  type Family,
  type Host,
  type Interface,
  inOrder,
  type PerFamily,
  perFamily,
} from "../spec";
import { type Virtual, virtualOf } from "./vm";

/** The network services of a lab host. */
export const SERVICES = ["systemd-networkd", "NetworkManager", "netplan", "ifupdown", "ifcfg"] as const;
export type Service = (typeof SERVICES)[number];

/** One machine to be: its name, and its addresses on the network that all machines share. */
export interface Machine {
  readonly name: string;
  readonly role: "control-plane" | "worker" | "outside";
  readonly addresses: PerFamily<Address>;
  /** Its addresses-to-be on the second network, where the spec gives it an interface there; it begins without them. */
  readonly second?: PerFamily<Address>;
  /** The address by which SSH reaches it. */
  readonly reached: Address;
  /** Who configures its network at the start, and which families. */
  readonly service: Service;
  readonly configured: readonly Family[];
  /** What it has where it is a virtual machine; else it is a container. */
  readonly virtual?: Virtual;
}

/** A network of a lab. */
export interface Lan {
  /** The interface that machines have there. */
  readonly device: Device;
  /** The families that it has, in the order of {@link FAMILIES}. */
  readonly families: readonly Family[];
  readonly ranges: PerFamily<Cidr>;
  readonly gateways: PerFamily<Address>;
}

/** The interfaces that a container can have, in the order in which Docker makes them: all have the first, some the second. */
export const DEVICES = ["eth0", "eth1"] as const;
export type Device = (typeof DEVICES)[number];

/** The machines of `spec`. Throws Error for what cannot be a lab. */
export function machinesOf(spec: ClusterSpec): Machine[] {
  const hosts = spec.hosts.map((host): Machine => {
    const virtual = virtualOf(spec, host);
    refuseOthers(host, virtual);
    const [addresses = {}, second] = DEVICES.map((device) => addressesOn(host, device));
    const reached = reachedBy(host.name, host.ssh.address, addresses);
    const { backend } = host;
    const service = serviceOf(host.name, backend);
    // where dualstack is not to touch the network, the host has all of it from the start
    const configured = backend === "none" ? familiesOf(addresses) : [reached.family];
    const machine = { name: host.name, role: host.role, addresses, reached, service, configured };
    return { ...machine, ...(second ? { second } : {}), ...(virtual ? { virtual } : {}) };
  });
  const { outside } = spec.verification;
  if (!outside) return hosts;
  const { name, ssh, addresses } = outside;
  const reached = reachedBy(name, ssh.address, addresses);
  const configured = familiesOf(addresses);
  return [...hosts, { name, role: "outside", addresses, reached, service: "systemd-networkd", configured }];
}

/**
 * The networks of `spec`, one for each interface: ranges and gateways of the first host that has it, in which every machine must
 * lie. Only the shared one needs gateways in the spec. Throws Error for what cannot be a lab.
 */
export function lansOf(spec: ClusterSpec): Lan[] {
  const machines = machinesOf(spec);
  const lans = DEVICES.flatMap((device) => lanOf(spec, device));
  for (const machine of machines) {
    for (const { device, ranges } of lans) {
      const addresses = device === "eth0" ? machine.addresses : machine.second;
      for (const address of inOrder(FAMILIES, addresses ?? {})) {
        const range = ranges[address.family];
        if (range?.contains(address)) continue;
        throw new Error(
          `${machine.name}: ${address} is not in ${range ?? "any range of the first host"}; all machines of a lab share one network on ${device}`,
        );
      }
    }
  }
  return lans;
}

function lanOf(spec: ClusterSpec, device: Device): Lan[] {
  const host = spec.hosts.find((each) => holderOf(each, device) !== undefined);
  if (!host) return [];
  const { ip } = holderOf(host, device)!;
  const families = FAMILIES.filter((family) => ip[family]);
  const gateways = families.flatMap((family) => {
    const { gateway, address } = ip[family]!;
    if (gateway && address.network.contains(gateway)) return [[family, gateway] as const];
    if (!gateway && device !== "eth0") return [];
    throw new Error(
      `${host.name}: the lab's first host names the gateway of each family, in its range; for ${family} it has ${gateway ?? "none"}`,
    );
  });
  const ranges = perFamily(families, (family) => ip[family]!.address.network);
  return [{ device, families, ranges, gateways: Object.fromEntries(gateways) }];
}

const familiesOf = (addresses: PerFamily<Address>) => inOrder(FAMILIES, addresses).map(({ family }) => family);

function serviceOf(name: string, backend: string): Service {
  const service = backend === "none" ? "systemd-networkd" : SERVICES.find((each) => each === backend);
  if (service) return service;
  throw new Error(`${name}: a lab host is Debian, which has no ${backend}; it knows ${SERVICES.join(", ")} and none`);
}

function refuseOthers(host: Host, virtual: Virtual | undefined): void {
  const { name, interfaces } = host;
  const other = virtual ? undefined : interfaces.find((each) => !DEVICES.some((device) => device === each.name));
  if (other === undefined && holderOf(host, "eth0") !== undefined) return;
  throw new Error(
    `${name}: a lab host has the interface eth0, and eth1 where a second network is wanted; not ${other?.name ?? "eth1 alone"}` +
      `${other ? ". Bonds, VLANs and more network cards need a kernel of their own: platform: machine" : ""}`,
  );
}

/** The interface whose addresses a card begins with: itself, or the bond that takes it in. A bond's further members begin with none. */
function holderOf({ interfaces }: Host, device: Device): Interface | undefined {
  const bond = interfaces.find((each) => each.bond?.members.includes(device));
  if (bond) return device === "eth0" ? bond : undefined;
  return interfaces.find(({ name }) => name === device);
}

function addressesOn(host: Host, device: Device): PerFamily<Address> | undefined {
  const found = holderOf(host, device);
  if (!found) return undefined;
  const families = FAMILIES.filter((family) => found.ip[family]);
  return perFamily(families, (family) => found.ip[family]!.address.address);
}

function reachedBy(name: string, target: string, addresses: PerFamily<Address>): Address {
  const own = inOrder(FAMILIES, addresses).find((address) => `${address}` === target);
  if (own) return own;
  throw new Error(
    `${name}: a lab host is reached by SSH at an address of its own (${inOrder(FAMILIES, addresses).join(", ")}), not at ${target}`,
  );
}
