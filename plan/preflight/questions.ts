/** What hosts are asked before anything is changed, and which of the others each of them tries to reach. Pure. */
import type { Question } from "../../hosts/look";
import type { Family } from "../../spec/families";
import type { ClusterSpec, Host } from "../../spec/types";
import { FORWARDING, type PeerQuestion } from "./facts";
import { portsBetween } from "./ports";

export function preflightQuestions(spec: ClusterSpec, peers: readonly PeerQuestion[]): Question[] {
  return [
    ...[
      "system",
      "links",
      "addresses",
      "routes 4",
      "routes 6",
      "ports",
      "hostkeys",
      "runtimes",
      "managers",
      "firewall",
    ],
    ...Object.values(FORWARDING).map((key) => `sysctl ${key}`),
    ...(endpointName(spec) === undefined ? [] : [`names ${endpointName(spec)}`]),
    ...peers.map(({ question }) => question),
  ];
}

/** The endpoint where it is a name. */
export function endpointName({ endpoint: { host, address } }: ClusterSpec): string | undefined {
  return address === undefined ? host : undefined;
}

/** Up to so many hosts, each tries every other; beyond, the control planes and the next ones in a ring, so that the work stays a host's own. */
const EVERYBODY = 9;

/** The peers of a host on every family of the cluster. */
export function peersOf(spec: ClusterSpec, host: Host): PeerQuestion[] {
  const { hosts, network } = spec;
  const place = hosts.indexOf(host);
  const ring = [...hosts.slice(place + 1), ...hosts.slice(0, place)];
  const peers = ring.filter(({ role }, index) => index < EVERYBODY - 1 || role === "control-plane");
  return peers.flatMap((peer) =>
    network.families.map((family): PeerQuestion => {
      const ports = portsBetween(spec, host, peer).join(",");
      return { peer, family, question: `peer ${NUMBER[family]} ${peer.addresses[family]} ${ports}` };
    }),
  );
}

const NUMBER: { readonly [F in Family]: string } = { ipv4: "4", ipv6: "6" };
