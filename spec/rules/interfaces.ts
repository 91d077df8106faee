/** Rules about the interfaces of one host. */
import { type Address, bitsOf, type Cidr, type InterfaceAddress } from "../addresses";
import { FAMILIES } from "../families";
import type { DraftHost, DraftInterface } from "../schema";
import { type Context, hostPlaces, interfaceAddresses, interfacePlaces, type Placed } from "./context";

/** Interfaces that are not the host's own: loopback, and what CNIs, kube-proxy, Docker and NodeLocal DNS make. */
const TAKEN =
  /^(lo|cni\d+|flannel[.-].*|docker\d+|kube-ipvs0|kube-bridge|nodelocaldns|cali.*|tunl0|vxlan(-v6)?\.calico|wireguard\.cali|wg-v6\.cali|cilium_.*|lxc.*|veth.*)$/;

/** RFC 8200 section 5: the smallest MTU that IPv6 may meet. */
const IPV6_MTU = 1280;

export function interfaces(context: Context): void {
  for (const host of hostPlaces(context)) {
    const all = interfacePlaces(host);
    const names = new Set<string>();
    const cards = new Set<string>();
    for (const one of all) {
      checkInterface(context, one, isCarrier(one.value.name, all));
      const { name, mac } = one.value;
      if (name !== undefined && names.has(name))
        context.source.error([...one.path, "name"], "interface-twice", "this host has it already; write it once");
      if (mac !== undefined && cards.has(mac))
        context.source.error([...one.path, "mac"], "mac-twice", "another interface has it; each has its own");
      if (name !== undefined) names.add(name);
      if (mac !== undefined) cards.add(mac);
    }
    checkTogether(context, host);
  }
}

/** Does it carry a VLAN, or belong to a bond? Then it needs no address. */
function isCarrier(name: string | undefined, all: readonly Placed<DraftInterface>[]): boolean {
  return all.some(({ value: { vlan, bond } }) => vlan?.parent === name || bond?.members?.includes(name));
}

function checkInterface(context: Context, { path, value }: Placed<DraftInterface>, carrier: boolean): void {
  const { source } = context;
  if (!carrier && FAMILIES.every((family) => !source.has([...path, family]))) {
    source.error(path, "interface-empty", "has no address; give it ipv4, ipv6 or both, or take it out of the spec");
  }
  if (value.name !== undefined && TAKEN.test(value.name)) {
    source.error(
      [...path, "name"],
      "interface-taken",
      "Kubernetes and its add-ons make interfaces of this name; name one of the host",
    );
  }
  checkMtu(context, { path, value });
  checkAdvertised(context, { path, value });
}

/** IPv6 without an address of its own is that of advertisements. */
function checkAdvertised({ source }: Context, { path, value: { ipv6 } }: Placed<DraftInterface>): void {
  if (ipv6 === undefined) return;
  if (ipv6.privacy === true && ipv6.advertisements === false) {
    const message = "temporary addresses are made of advertised ranges; set advertisements as well, or leave it out";
    source.error([...path, "ipv6", "privacy"], "privacy-alone", message);
  }
  const at = [...path, "ipv6"];
  if (ipv6.address !== undefined || source.has([...at, "address"])) return;
  if (ipv6.advertisements === false)
    source.error(at, "address-missing", "has no address; give it one, or set advertisements: true");
  for (const key of ["gateway", "secondary", "routes"]) {
    if (source.has([...at, key]))
      source.error([...at, key], "address-missing", "needs an address of the interface; give ipv6 one");
  }
}

function checkMtu({ source }: Context, { path, value: { mtu, ipv6 } }: Placed<DraftInterface>): void {
  if (mtu !== undefined && ipv6 !== undefined && mtu < IPV6_MTU)
    source.error([...path, "mtu"], "mtu-ipv6", `IPv6 needs an MTU of at least ${IPV6_MTU} (RFC 8200)`);
}

/** flannel looks for one interface that has both families (pkg/ipmatch/match.go). */
function checkTogether({ source, families, draft }: Context, { path, value }: Placed<DraftHost>): void {
  if (families === undefined || families.length < 2 || draft.cni?.kind !== "flannel") return;
  const first = families.map(
    (family) => value.interfaces?.findIndex((one) => one?.[family]?.address !== undefined) ?? -1,
  );
  if (first.includes(-1) || new Set(first).size === 1) return;
  const message = "flannel needs the host's first IPv4 and first IPv6 address on one interface; put both there";
  source.error([...path, "interfaces"], "interfaces-split", message);
}

/** An interface's address is none that stands for the link as a whole. */
export function wholeLinkAddresses(context: Context): void {
  for (const { path, value } of interfaceAddresses(context)) {
    const why = wholeLink(value.address, value.network);
    if (why !== undefined)
      context.source.error(path, "address-of-link", `${why}; give a host's address, such as ${example(value)}`);
  }
}

/** Why an address of a link is no host's. Links of two addresses or one have no such address (RFC 3021, RFC 6164). */
export function wholeLink(address: Address, { family, prefix, network, last }: Cidr): string | undefined {
  if (bitsOf(family) - prefix <= 1) return undefined;
  if (address.equals(network)) {
    return family === "ipv4"
      ? "names the network itself"
      : "is every router's address on the link (RFC 4291 section 2.6.1)";
  }
  return family === "ipv4" && address.equals(last) ? "is the broadcast address of the link" : undefined;
}

function example({ network, prefix }: InterfaceAddress): string {
  return `${network.nth(1)}/${prefix}`;
}
