/** The interfaces of a host in the typed spec. */
import type { Address, Cidr, InterfaceAddress } from "./addresses";
import type { PerFamily } from "./families";

/** Who writes a host's interfaces; none: they are left as they are. */
export type Backend = "systemd-networkd" | "NetworkManager" | "netplan" | "ifcfg" | "ifupdown" | "none";

export interface Route {
  readonly to: Cidr;
  /** Without it the range is on the link itself. */
  readonly via?: Address;
  readonly metric?: number;
}

export interface InterfaceFamily {
  readonly address: InterfaceAddress;
  readonly secondary: readonly InterfaceAddress[];
  readonly gateway?: Address;
  readonly gatewayMetric?: number;
  readonly routes: readonly Route[];
}

export interface Vlan {
  /** 1 to 4094. */
  readonly id: number;
  /** Name of the interface that carries it. */
  readonly parent: string;
}

export interface Bond {
  readonly members: readonly string[];
  readonly mode:
    | "active-backup"
    | "802.3ad"
    | "balance-xor"
    | "balance-rr"
    | "balance-tlb"
    | "balance-alb"
    | "broadcast";
  /** In ms. */
  readonly monitorInterval: number;
  readonly lacpRate?: "slow" | "fast";
  readonly hashPolicy?: string;
  readonly primary?: string;
}

export interface Interface {
  readonly name: string;
  /** In lower case, with colons. */
  readonly mac?: string;
  readonly mtu?: number;
  readonly vlan?: Vlan;
  readonly bond?: Bond;
  readonly ip: PerFamily<InterfaceFamily>;
  /** Does IPv6 run on it at all, be it by its link-local address? */
  readonly ipv6: boolean;
  /** Addresses and routes from router advertisements. */
  readonly advertisements: boolean;
  /** Temporary addresses (RFC 8981). */
  readonly privacy: boolean;
  readonly addressGeneration: "eui64" | "stable-privacy";
  readonly dns: readonly Address[];
  readonly search: readonly string[];
}
