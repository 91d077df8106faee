/** The text of a first spec, as `dualstack init` writes it. Pure: the random part comes from outside. */
import { Address, Cidr, InterfaceAddress } from "./addresses";
import { FAMILIES, type Family, ipFamily, type PerFamily, perFamily } from "./families";

export interface StarterHost {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  /** With prefix lengths: `192.168.1.11/24`. */
  readonly addresses: readonly InterfaceAddress[];
}

export interface Starter {
  readonly name: string;
  /** Primary first. */
  readonly families: readonly Family[];
  readonly hosts: readonly StarterHost[];
  readonly gateways: PerFamily<Address>;
  readonly interfaceName: string;
  readonly endpoint?: string;
  /** 5 random bytes: the global identifier of the fresh unique local prefix. */
  readonly globalId: Uint8Array;
  /** Where an editor finds the schema, seen from the spec; left out when it is not known. */
  readonly schema?: string;
}

/** `fd` and 40 random bits: a unique local /48 (RFC 4193 section 3.2). Throws RangeError unless there are 5 bytes. */
export function uniqueLocalPrefix(globalId: Uint8Array): Cidr {
  if (globalId.length !== 5) throw new RangeError("a global identifier has 40 bits (RFC 4193 section 3.2.1)");
  const bits = globalId.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0xfdn);
  return Cidr.of(Address.of("ipv6", bits << 80n), 48);
}

/** Of the /48, pods get the second /56, services the first /112 of the third: the first /56 stays free for hosts. */
function ranges(prefix: Cidr): { readonly pods: PerFamily<Cidr>; readonly services: PerFamily<Cidr> } {
  return {
    pods: { ipv4: Cidr.parse("10.244.0.0/16"), ipv6: prefix.subnet(56, 1) },
    services: { ipv4: Cidr.parse("10.96.0.0/16"), ipv6: Cidr.of(prefix.subnet(56, 2).network, 112) },
  };
}

/** YAML with comments; it is a valid spec as far as the answers are, except that host keys are to be filled in. */
export function starterText(starter: Starter): string {
  const { name, families, hosts, endpoint, schema } = starter;
  const prefix = uniqueLocalPrefix(starter.globalId);
  const { pods, services } = ranges(prefix);
  const each = (values: PerFamily<Cidr>) =>
    families.map((family) => `${family}: ${quoted(values[family]!)}`).join(", ");
  return [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `name: ${name}`,
    "network:",
    `  families: [${families.join(", ")}]    # the primary one first; a cluster keeps this order for life`,
    ...(families.includes("ipv6")
      ? [`  # ${prefix} is a fresh unique local prefix (RFC 4193): no other network has it`]
      : []),
    `  pods: {${each(pods)}}`,
    `  services: {${each(services)}}`,
    ...(endpoint === undefined ? [] : [`  endpoint: "${endpoint}"`]),
    "ssh:",
    "  # the hosts' keys: 'dualstack trust' with this file shows them for review and writes them there",
    "  knownHosts: known_hosts",
    "hosts:",
    ...hosts.flatMap((host) => hostLines(starter, host)),
    "",
  ].join("\n");
}

function hostLines({ families, gateways, interfaceName }: Starter, { name, role, addresses }: StarterHost): string[] {
  const given = perFamily(FAMILIES, (family) => addresses.find((one) => one.family === family));
  const lines = families.flatMap((family) => {
    const address = given[family];
    const gateway = gateways[family];
    if (address === undefined) return [];
    const route = gateway === undefined ? "" : `, gateway: ${quoted(gateway)}`;
    return [`        ${family}: {address: ${quoted(address)}${route}}`];
  });
  return [`  - name: ${name}`, `    role: ${role}`, "    interfaces:", `      - name: ${interfaceName}`, ...lines];
}

function quoted(value: Address | Cidr | InterfaceAddress): string {
  return value.family === "ipv6" ? `"${value}"` : value.toString();
}

/** `cp-1=192.168.1.11/24,fd00::11/64`. Throws Error with what is wrong. */
export function parseStarterHost(role: StarterHost["role"], text: string): StarterHost {
  const [, name, list] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || list === undefined) {
    throw new Error(`${JSON.stringify(text)}: write a host as name=address/prefix,address/prefix`);
  }
  const addresses = list.split(",").map((one) => InterfaceAddress.parse(one.trim()));
  const twice = FAMILIES.find((family) => addresses.filter((one) => one.family === family).length > 1);
  if (twice !== undefined) throw new Error(`${name}: one address of ${ipFamily(twice)} is enough here`);
  return { name, role, addresses };
}
