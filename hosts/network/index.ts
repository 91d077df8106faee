/** Step network: interfaces of both families by the host's back end, kernel modules and sysctl. */
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
 * - `address NAME ADDRESS`: what has to be there afterwards, with duplicate address detection over; also with back end none;
 * - `gateway NAME ADDRESS`: routers of default routes, which have to answer then.
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
      ...(host.backend === "none" ? ofCluster(spec, host) : all.flatMap(expected)),
    ],
  };
}

type Values = Step["values"];

function expected({ name, addresses, routes }: Link): Values {
  return [
    ...addresses.map(({ address }) => ["address", `${name} ${address}`] as const),
    ...routes.flatMap(({ to, via }) =>
      to.prefix > 0 || via === undefined ? [] : [["gateway", `${name} ${via}`] as const],
    ),
  ];
}

/** Where the host's own network stays, what the spec says of the cluster's families must be true of it. */
function ofCluster({ network: { families } }: ClusterSpec, host: Host): Values {
  return host.interfaces.flatMap(({ name, ip }) =>
    inOrder(families, ip).flatMap(({ address, gateway }) => [
      ["address", `${name} ${address.address}`] as const,
      ...(gateway === undefined ? [] : [["gateway", `${name} ${gateway}`] as const]),
    ]),
  );
}
