/** Step network: interfaces of both families by the host's back end, kernel modules and sysctl. */
import type { Address } from "../../spec/addresses";
import { inOrder } from "../../spec/families";
import type { Backend } from "../../spec/interface-types";
import type { ClusterSpec, Host } from "../../spec/types";
import type { PlannedFile, Step } from "../document";
import { guards } from "./guards";
import { ifcfg } from "./ifcfg";
import { ifupdown } from "./ifupdown";
import { modules, sysctls } from "./kernel";
import { keyfiles } from "./keyfile";
import { type Link, links } from "./links";
import { netplan } from "./netplan";
import { networkd } from "./networkd";

const BACKENDS: { readonly [B in Backend]: (all: readonly Link[]) => PlannedFile[] } = {
  "systemd-networkd": networkd,
  NetworkManager: keyfiles,
  netplan,
  ifcfg,
  ifupdown,
  none: () => [],
};

/**
 * The step that gives a host its addresses and makes it forward packets of every family of the cluster. Its values:
 * - `backend NAME`: who takes the files whose handler is `network`;
 * - `interface NAME KIND` (link, member, bond or vlan): what has to come up, each after those that it stands on. Another file of
 *   the same back end that names one of them is in the way;
 * - `address NAME ADDRESS`: what has to be there afterwards, with duplicate address detection over; also with back end none.
 */
export function networkStep(spec: ClusterSpec, host: Host): Step {
  const all = links(spec, host);
  return {
    name: "network",
    files: [
      modules(spec, host),
      sysctls(spec, host),
      ...BACKENDS[host.backend](all),
      ...(host.backend === "none" ? [] : guards(host.backend, all)),
    ],
    values: [
      ["backend", host.backend],
      ...all.map(({ name, kind }) => ["interface", `${name} ${kind}`] as const),
      ...expected(spec, host, all).map(([name, address]) => ["address", `${name} ${address}`] as const),
    ],
  };
}

/** Where the host's own network stays, the addresses of the cluster's families must be there. */
function expected(spec: ClusterSpec, host: Host, all: readonly Link[]): (readonly [string, Address])[] {
  if (host.backend !== "none")
    return all.flatMap(({ name, addresses }) => addresses.map((each) => [name, each.address] as const));
  return host.interfaces.flatMap(({ name, ip }) =>
    inOrder(spec.network.families, ip).map(({ address }) => [name, address.address] as const),
  );
}
