/** Addresses and default routes that a plan gives a host, against what `ip` shows. Pure. */
import type { Answers } from "../../hosts/look";
import { Address, InterfaceAddress } from "../../spec/addresses";
import { type Family, inOrder } from "../../spec/families";
import type { ClusterSpec, Host } from "../../spec/types";
import type { Drift } from "./drift";

/** An address on an interface, as `ip -o address show` has it. */
export interface ShownAddress {
  readonly device: string;
  readonly address: InterfaceAddress;
  readonly scope: string;
  /** tentative, dadfailed, deprecated, temporary, dynamic, mngtmpaddr ... */
  readonly flags: readonly string[];
}

export function shownAddresses(lines: readonly string[]): ShownAddress[] {
  return lines.flatMap((line) => {
    const [, device, text, rest = ""] = /^\d+: (\S+?)(?:@\S+)?\s+inet6? (\S+) (.*)$/.exec(line) ?? [];
    if (device === undefined || text === undefined) return [];
    const [words = ""] = rest.split("\\");
    const scope = /scope (\S+)/.exec(words)?.[1] ?? "";
    const address = parse(text);
    return address === undefined ? [] : [{ device, address, scope, flags: words.split(/\s+/) }];
  });
}

/** Point-to-point addresses come without a prefix; they are no address of a host. */
function parse(text: string): InterfaceAddress | undefined {
  try {
    return InterfaceAddress.parse(text);
  } catch {
    return undefined;
  }
}

export interface ShownRoute {
  readonly to: string;
  readonly via?: Address;
  readonly device?: string;
  readonly metric: number;
}

/** The lines of `ip -o route show`; of several next hops each is one. */
export function shownRoutes(lines: readonly string[]): ShownRoute[] {
  return lines.flatMap((line) => {
    const [to = ""] = line.split(/\s+/);
    const metric = Number(/ metric (\d+)/.exec(line)?.[1] ?? 0);
    const hops = line.includes("nexthop") ? line.split("nexthop").slice(1) : [line];
    return hops.map((hop) => {
      const via = /\bvia (?:inet6? )?([0-9a-fA-F.:]+)/.exec(hop)?.[1];
      const device = /\bdev (\S+)/.exec(hop)?.[1];
      return { to, metric, ...(via && { via: Address.parse(via) }), ...(device && { device }) };
    });
  });
}

export function addressDrift(spec: ClusterSpec, host: Host, answers: Answers): Drift[] {
  const shown = shownAddresses(answers.of("addresses"));
  return host.interfaces.flatMap(({ name: device, ip }) =>
    inOrder(spec.network.families, ip)
      .flatMap((own) => [own.address, ...own.secondary])
      .flatMap((address) => {
        const name = `${device} ${address}`;
        const found = describe(
          shown.filter((one) => one.address.address.equals(address.address)),
          device,
          address,
        );
        return found === undefined
          ? []
          : [{ step: "network", kind: "address", name, planned: "there", found } as const];
      }),
  );
}

function describe(same: readonly ShownAddress[], device: string, wanted: InterfaceAddress): string | undefined {
  const here = same.find((one) => one.device === device);
  if (here === undefined) return same[0] === undefined ? "missing" : `on ${same[0].device}`;
  if (here.flags.includes("dadfailed"))
    return "another machine on the link has it (duplicate address detection failed)";
  if (here.flags.includes("tentative")) return "tentative: duplicate address detection is not over";
  if (here.flags.includes("deprecated")) return "deprecated: no new connection uses it";
  return here.address.prefix === wanted.prefix ? undefined : `with prefix length ${here.address.prefix}`;
}

const QUESTIONS: { readonly [F in Family]: string } = { ipv4: "routes 4", ipv6: "routes 6" };

/** Is it by a gateway of the host? A host may have several, each with a metric. */
function isPlanned({ interfaces }: Host, family: Family, { device, via }: ShownRoute): boolean {
  const gateway = interfaces.find(({ name }) => name === device)?.ip[family]?.gateway;
  return gateway !== undefined && via !== undefined && gateway.equals(via);
}

/** The default route of each family that has a gateway; another default route that wins over it counts as drift, too. */
export function routeDrift(spec: ClusterSpec, host: Host, answers: Answers): Drift[] {
  return spec.network.families.flatMap((family) =>
    host.interfaces.flatMap(({ name: device, ip }) => {
      const gateway = ip[family]?.gateway;
      if (gateway === undefined) return [];
      const defaults = shownRoutes(answers.of(QUESTIONS[family])).filter(({ to }) => to === "default");
      const ours = defaults.find((route) => route.device === device && route.via?.equals(gateway));
      const foreign = defaults.filter((route) => !isPlanned(host, family, route));
      if (ours !== undefined && foreign.every(({ metric }) => ours.metric <= metric)) return [];
      const found = defaults.map(
        (route) => `via ${route.via ?? "no gateway"} dev ${route.device} metric ${route.metric}`,
      );
      const planned = `via ${gateway} dev ${device}`;
      return [
        {
          step: "network",
          kind: "route",
          name: `${family} default`,
          planned,
          found: found.join("; ") || "none",
        } as const,
      ];
    }),
  );
}
