/** What a rule sees. A rule reports to `source`, skips what is undefined (that was reported already), and decides nothing else. */
import { type Address, bitsOf, Cidr, type InterfaceAddress } from "../addresses";
import { kindRanges, namedEndpoint, podRanges, serviceRanges, virtualEndpoint } from "../derive";
import { FAMILIES, type Family } from "../families";
import type { KnownHosts } from "../known-hosts";
import type { Path } from "../problems";
import type { Draft, DraftHost, DraftInterface } from "../schema";
import type { Source } from "../yaml";

export interface Context {
  readonly source: Source;
  readonly draft: Draft;
  /** Primary first; undefined while network.families is not valid. */
  readonly families: readonly Family[] | undefined;
  /** The file that ssh.knownHosts names; undefined when none is named or it could not be read. */
  readonly knownHosts: KnownHosts | undefined;
  /** The day for which deprecations are judged, such as 2026-11-21; undefined: no such judgement. */
  readonly today: string | undefined;
}

export type Rule = (context: Context) => void;

/** A value and where it is written. */
export interface Placed<T> {
  readonly path: Path;
  readonly value: T;
}

function placed<T>(path: Path, value: T | undefined): Placed<T>[] {
  return value === undefined ? [] : [{ path, value }];
}

export function podPlaces({ draft }: Context): Placed<Cidr>[] {
  const ranges = podRanges(draft);
  return FAMILIES.flatMap((family) => placed(["network", "pods", family], ranges[family]));
}

export function servicePlaces({ draft }: Context): Placed<Cidr>[] {
  const ranges = serviceRanges(draft);
  return FAMILIES.flatMap((family) => placed(["network", "services", family], ranges[family]));
}

/** The ranges of Docker's network, for a cluster in kind. */
export function kindPlaces({ draft }: Context): Placed<Cidr>[] {
  const ranges = kindRanges(draft);
  return FAMILIES.flatMap((family) => placed(["kind", "network", family], ranges[family]));
}

/** Ranges that something else uses. */
export function reservedPlaces({ draft }: Context): Placed<Cidr>[] {
  return (draft.network?.reserved ?? []).flatMap((range, i) => placed(["network", "reserved", i], range));
}

/** Most rules walk over all hosts; what they walk over is made once for each draft. */
function once<T>(make: (draft: Draft) => T): (context: Pick<Context, "draft">) => T {
  const known = new WeakMap<Draft, T>();
  return ({ draft }) => {
    const found = known.get(draft) ?? make(draft);
    known.set(draft, found);
    return found;
  };
}

/** The hosts that could be read, with their place in the list. */
export const hostPlaces = once((draft): readonly Placed<DraftHost>[] =>
  (draft.hosts ?? []).flatMap((host, i) => placed(["hosts", i], host)),
);

export function interfacePlaces(host: Placed<DraftHost>): Placed<DraftInterface>[] {
  return (host.value.interfaces ?? []).flatMap((one, i) => placed([...host.path, "interfaces", i], one));
}

/** Every interface of every host. */
export const allInterfaces = once((draft): readonly Placed<DraftInterface>[] =>
  hostPlaces({ draft }).flatMap(interfacePlaces),
);

/** The addresses of an interface, secondary ones too. */
export function addressesOf({ path, value }: Placed<DraftInterface>): Placed<InterfaceAddress>[] {
  return FAMILIES.flatMap((family) => [
    ...placed([...path, family, "address"], value[family]?.address),
    ...(value[family]?.secondary ?? []).flatMap((one, i) => placed([...path, family, "secondary", i], one)),
  ]);
}

/** Every address of every interface of every host. */
export const interfaceAddresses = once((draft): readonly Placed<InterfaceAddress>[] =>
  allInterfaces({ draft }).flatMap(addressesOf),
);

/** Every gateway. */
export const gatewayPlaces = once((draft): readonly Placed<Address>[] =>
  allInterfaces({ draft }).flatMap(({ path, value }) =>
    FAMILIES.flatMap((family) => placed([...path, family, "gateway"], value[family]?.gateway)),
  ),
);

/** The addresses that are written as the endpoint. */
export function endpointPlaces({ draft }: Pick<Context, "draft">): Placed<Address>[] {
  const path = ["network", "endpoint"];
  const virtual = virtualEndpoint(draft);
  return [
    ...placed(path, namedEndpoint(draft)?.address),
    ...FAMILIES.flatMap((family) => placed([...path, family], virtual?.[family])),
  ];
}

/** Addresses that belong to no host of the cluster and to no range of it: the endpoint, name servers, the outside host. */
export function otherAddresses({ draft }: Context): Placed<Address>[] {
  const outside = draft.verification?.outside;
  return [
    ...endpointPlaces({ draft }),
    ...(draft.network?.dns ?? []).flatMap((server, i) => placed(["network", "dns", i], server)),
    ...FAMILIES.flatMap((family) => placed(["verification", "outside", family], outside?.[family])),
  ];
}

/** The range that holds just this address. */
export function alone(address: Address): Cidr {
  return Cidr.of(address, bitsOf(address.family));
}
