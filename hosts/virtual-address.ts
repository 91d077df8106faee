/**
 * The virtual addresses of the API, by keepalived on every control plane: VRRP version 3 (RFC 9568) with one virtual router for each
 * family. Its packets go to the group on the link, so no host has a list of the others that is wrong while one comes or goes.
 */
import { bitsOf, hostPort } from "../spec/addresses";
import { type Family, inOrder } from "../spec/families";
import type { ClusterSpec, Host } from "../spec/types";
import type { PlannedFile, Step } from "./document";

/** A line of keepalived's file, or a named block of them (keepalived.conf(5)). */
type Line = string | readonly [head: string, lines: readonly Line[]];

/** Every host begins with the same priority, so an address stays where it is; one whose API does not answer gives it away. */
const PRIORITY = 100;
const WITHOUT_API = -50;

/** The files by which a control plane takes its part in holding the addresses; none when the endpoint is something else. */
export function virtualAddressFiles(spec: ClusterSpec, host: Host): PlannedFile[] {
  const { virtual } = spec.endpoint;
  if (virtual === undefined) return [];
  const routers = spec.network.families.map((family) => router(spec, host, family));
  const text = print([
    ["global_defs", [`router_id ${host.name}`, "vrrp_version 3", "enable_script_security", "script_user root"]],
    [
      "vrrp_script api",
      [`script "${ask(spec, host)}"`, "interval 3", "timeout 5", "fall 2", "rise 2", `weight ${WITHOUT_API}`],
    ],
    ...routers,
  ]);
  return [{ path: "/etc/keepalived/keepalived.conf", mode: "0600", handler: "virtual-address", text }];
}

/** The package that the system step brings to a control plane; none when there are no virtual addresses. */
export function virtualPackages({ endpoint }: ClusterSpec, { role }: Host): Step["values"] {
  return endpoint.virtual === undefined || role === "worker" ? [] : [["package", "keepalived"]];
}

/** The addresses as values of the kubernetes step, primary first: its script waits for them. */
export function virtualValues({ endpoint, network }: ClusterSpec): Step["values"] {
  return inOrder(network.families, endpoint.virtual ?? {}).map((address) => ["virtual", String(address)]);
}

/** Is the API of this very host ready? By an address that is in its certificate; anybody may ask (k/k system:public-info-viewer). */
function ask({ endpoint, network }: ClusterSpec, { addresses }: Host): string {
  const [address] = inOrder(network.families, addresses).map((one) => hostPort(one, endpoint.port));
  return `/usr/bin/curl -gsf -m 4 -o /dev/null --cacert /etc/kubernetes/pki/ca.crt https://${address}/readyz`;
}

function router(spec: ClusterSpec, host: Host, family: Family): Line {
  const virtual = spec.endpoint.virtual?.[family];
  const own = host.addresses[family];
  const link = host.interfaces.find((one) => own && one.ip[family]?.address.address.equals(own))?.name;
  if (virtual === undefined || own === undefined || link === undefined)
    throw new Error(`a loaded spec has an address and an interface of ${family} on ${host.name}`);
  return [
    `vrrp_instance api-${family}`,
    [
      "state BACKUP",
      `interface ${link}`,
      // 1 to 255; the hosts of one cluster agree on it, and other clusters on the link have other addresses
      `virtual_router_id ${Number(virtual.value % 255n) + 1}`,
      `priority ${PRIORITY}`,
      "advert_int 1",
      // the node's address: an interface need not have a link-local one, and firewalls know this one
      `mcast_src_ip ${own}`,
      ["virtual_ipaddress", [`${virtual}/${bitsOf(family)} dev ${link}`]],
      ["track_script", ["api"]],
    ],
  ];
}

function print(lines: readonly Line[], depth = ""): string {
  const one = (line: Line) =>
    typeof line === "string" ? `${depth}${line}\n` : `${depth}${line[0]} {\n${print(line[1], `${depth}  `)}${depth}}\n`;
  return lines.map(one).join("");
}
