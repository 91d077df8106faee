/** What a host said about itself before anything is changed, as values. Pure. */
import type { Answers } from "../../hosts/look";
import type { Family } from "../../spec/families";
import type { Host } from "../../spec/types";
import { type ShownAddress, type ShownRoute, shownAddresses, shownRoutes } from "../drift/addresses";

/** How a peer answered on one family. */
export interface PeerAnswer {
  readonly peer: string;
  readonly family: Family;
  /** full: at the largest packet of the link. small: only small packets pass. noroute: the host has no way to it. */
  readonly ping: "full" | "small" | "none" | "noroute";
  /** Largest packet of the link, in bytes. */
  readonly mtu: number;
  /** Port to what became of a connection; refused means that it came through. */
  readonly ports: ReadonlyMap<number, "open" | "refused" | "filtered">;
}

export interface Facts {
  readonly host: Host;
  /** The values of `look.sh`'s system, by name. */
  readonly system: ReadonlyMap<string, string>;
  readonly nameServers: readonly string[];
  readonly links: ReadonlyMap<string, { readonly mtu: number; readonly mac: string }>;
  readonly addresses: readonly ShownAddress[];
  readonly routes: { readonly [F in Family]: readonly ShownRoute[] };
  /** Listening ports, with the program behind them. */
  readonly ports: ReadonlyMap<number, string>;
  /** `type base64` */
  readonly hostKeys: readonly string[];
  readonly runtimes: readonly string[];
  readonly managers: readonly string[];
  readonly firewall: readonly string[];
  /** The addresses of the cluster's endpoint where it is a name. */
  readonly endpoint: readonly string[];
  readonly forwarding: { readonly [F in Family]: string };
  readonly peers: readonly PeerAnswer[];
  /** The host's clock less this machine's: seconds between which it is, by the times before and after the connection. */
  readonly clock: readonly [least: number, most: number];
}

export interface PeerQuestion {
  readonly peer: Host;
  readonly family: Family;
  readonly question: string;
}

/** Keys of forwarding, per family. */
export const FORWARDING: { readonly [F in Family]: string } = {
  ipv4: "net.ipv4.ip_forward",
  ipv6: "net.ipv6.conf.all.forwarding",
};

export interface Around {
  readonly from: number;
  readonly to: number;
}

export function factsOf(
  host: Host,
  answers: Answers,
  { from, to }: Around,
  asked: readonly PeerQuestion[],
  endpoint?: string,
): Facts {
  const words = (question: string) => answers.of(question).map((line) => line.split(" "));
  const system = words("system").map(([name = "", ...rest]) => [name, rest.join(" ")] as const);
  return {
    host,
    system: new Map(system.filter(([name]) => name !== "nameserver")),
    nameServers: system.flatMap(([name, value]) => (name === "nameserver" ? [value] : [])),
    links: new Map(words("links").map(([name = "", mtu, mac = ""]) => [name, { mtu: Number(mtu), mac }])),
    addresses: shownAddresses(answers.of("addresses")),
    routes: { ipv4: shownRoutes(answers.of("routes 4")), ipv6: shownRoutes(answers.of("routes 6")) },
    ports: new Map(
      words("ports").map(([local = "", program = ""]) => [Number(/\d+$/.exec(local)?.[0]), programOf(program)]),
    ),
    hostKeys: answers.of("hostkeys"),
    runtimes: words("runtimes").flatMap(([name = "", whose]) => (whose === "foreign" ? [name] : [])),
    managers: answers.of("managers"),
    firewall: answers.of("firewall"),
    endpoint: endpoint === undefined ? [] : answers.of(`names ${endpoint}`),
    forwarding: {
      ipv4: answers.of(`sysctl ${FORWARDING.ipv4}`)[0] ?? "",
      ipv6: answers.of(`sysctl ${FORWARDING.ipv6}`)[0] ?? "",
    },
    peers: asked.map(({ peer, family, question }) => peerAnswer(host.name, peer.name, family, words(question))),
    clock: [answers.end - to, answers.start - from],
  };
}

/** `users:(("sshd",pid=1,fd=3))` */
function programOf(users: string): string {
  return /\("([^"]+)",pid=\d+/.exec(users)?.[1] ?? "a program";
}

function peerAnswer(host: string, peer: string, family: Family, lines: readonly (readonly string[])[]): PeerAnswer {
  const [first, ...ports] = lines;
  if (first === undefined) throw new Error(`${host}: its answer about ${peer} over ${family} is missing; run it again`);
  const [ping, mtu] = first;
  return {
    peer,
    family,
    ping: ping as PeerAnswer["ping"],
    mtu: Number(mtu ?? 0),
    ports: new Map(ports.map(([port, said]) => [Number(port), said as "open" | "refused" | "filtered"])),
  };
}
