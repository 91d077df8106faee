/** Rules about the interfaces of one host. */
import { bitsOf, Cidr, type InterfaceAddress } from "../addresses";
import { FAMILIES, type Family, ipFamily } from "../families";
import type { Path } from "../problems";
import type { DraftHost, DraftInterface } from "../schema";
import { type Context, hostPlaces, interfaceAddresses, interfacePlaces, type Placed } from "./context";

/** Interfaces that are not the host's own: loopback, and what CNIs, kube-proxy, Docker and NodeLocal DNS make. */
const TAKEN =
  /^(lo|cni\d+|flannel[.-].*|docker\d+|kube-ipvs0|kube-bridge|nodelocaldns|cali.*|tunl0|vxlan(-v6)?\.calico|wireguard\.cali|wg-v6\.cali|cilium_.*|lxc.*|veth.*)$/;

const LINK_LOCAL = Cidr.parse("fe80::/10");
/** RFC 8200 section 5: the smallest MTU that IPv6 may meet. */
const IPV6_MTU = 1280;

export function interfaces(context: Context): void {
  for (const host of hostPlaces(context)) {
    const all = interfacePlaces(host);
    const names = new Set<string>();
    for (const one of all) {
      checkInterface(context, one);
      const name = one.value.name;
      if (name === undefined) continue;
      if (names.has(name))
        context.source.error([...one.path, "name"], "interface-twice", "this host has it already; write it once");
      names.add(name);
    }
    for (const family of FAMILIES) checkGateways(context, all, family);
    checkTogether(context, host);
  }
}

function checkInterface(context: Context, { path, value }: Placed<DraftInterface>): void {
  const { source } = context;
  if (FAMILIES.every((family) => !source.has([...path, family]))) {
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
  for (const family of FAMILIES) checkGateway(context, { path, value }, family);
}

function checkMtu({ source }: Context, { path, value: { mtu, ipv6 } }: Placed<DraftInterface>): void {
  if (mtu !== undefined && ipv6 !== undefined && mtu < IPV6_MTU)
    source.error([...path, "mtu"], "mtu-ipv6", `IPv6 needs an MTU of at least ${IPV6_MTU} (RFC 8200)`);
}

function checkGateway({ source }: Context, { path, value }: Placed<DraftInterface>, family: Family): void {
  const { address, gateway } = value[family] ?? {};
  if (address === undefined || gateway === undefined) return;
  const at = [...path, family, "gateway"];
  if (gateway.equals(address.address))
    source.error(at, "gateway-self", "is the interface's own address; give the router's");
  else if (!address.network.contains(gateway) && !LINK_LOCAL.contains(gateway)) {
    const also = family === "ipv6" ? ", or a link-local address (fe80::...)" : "";
    source.error(at, "gateway-off-link", `is not on the link ${address.network}; give an address of it${also}`);
  }
}

function checkGateways({ source }: Context, all: readonly Placed<DraftInterface>[], family: Family): void {
  const paths: Path[] = all.flatMap(({ path, value }) =>
    value[family]?.gateway ? [[...path, family, "gateway"]] : [],
  );
  for (const path of paths.slice(1)) {
    const message = `the host has an ${ipFamily(family)} default route already; keep one gateway per family`;
    source.error(path, "gateway-second", message);
  }
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
    const why = wholeLink(value);
    if (why !== undefined)
      context.source.error(path, "address-of-link", `${why}; give a host's address, such as ${example(value)}`);
  }
}

/** Links of two addresses or one have no such address (RFC 3021, RFC 6164). */
function wholeLink({ address, network, family, prefix }: InterfaceAddress): string | undefined {
  if (bitsOf(family) - prefix <= 1) return undefined;
  if (address.equals(network.network)) {
    return family === "ipv4"
      ? "names the network itself"
      : "is every router's address on the link (RFC 4291 section 2.6.1)";
  }
  return family === "ipv4" && address.equals(network.last) ? "is the broadcast address of the link" : undefined;
}

function example({ network, prefix }: InterfaceAddress): string {
  return `${network.nth(1)}/${prefix}`;
}
