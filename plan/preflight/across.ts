/** Facts that only show when the hosts are put side by side. Pure. */
import type { Facts, PeerAnswer } from "./facts";
import type { CrossCheck } from "./finding";
import { familiesThere, isManaged } from "./network";

/** Groups of several hosts that have the same value; hosts without one are in none. */
function same(all: readonly Facts[], value: (facts: Facts) => readonly string[]) {
  const groups = new Map<string, string[]>();
  for (const facts of all) {
    for (const one of new Set(value(facts))) {
      if (one !== "") groups.set(one, [...(groups.get(one) ?? []), facts.host.name]);
    }
  }
  return [...groups].flatMap(([found, hosts]) => (hosts.length > 1 ? [{ hosts, found }] : []));
}

const system = (name: string) => (facts: Facts) => [facts.system.get(name) ?? ""];

/** Clocks may be so many seconds apart (etcd and certificates; k0sctl's validateClockSkew). */
const MOST_SKEW = 2;

/** Two hosts are certainly further apart than that when even the nearest ends of what is known are. */
function skewed(all: readonly Facts[]) {
  const early = [...all].sort((a, b) => a.clock[1] - b.clock[1])[0];
  const late = [...all].sort((a, b) => b.clock[0] - a.clock[0])[0];
  if (early === undefined || late === undefined) return [];
  const apart = late.clock[0] - early.clock[1];
  if (apart <= MOST_SKEW) return [];
  return [
    {
      hosts: [early.host.name, late.host.name],
      found: `${late.host.name} is at least ${apart.toFixed(1)} s ahead of ${early.host.name}`,
    },
  ];
}

/** Answers of peers that both have their addresses of the family already: the others get theirs from dualstack. */
function triable(all: readonly Facts[]): { facts: Facts; answer: PeerAnswer }[] {
  const there = new Map(all.map((facts) => [facts.host.name, familiesThere(facts)]));
  return all.flatMap((facts) =>
    facts.peers.flatMap((answer) =>
      there.get(facts.host.name)?.includes(answer.family) && there.get(answer.peer)?.includes(answer.family)
        ? [{ facts, answer }]
        : [],
    ),
  );
}

const came = ({ ports }: PeerAnswer) => [...ports.values()].some((said) => said !== "filtered");
const filtered = ({ ports }: PeerAnswer) => [...ports].flatMap(([port, said]) => (said === "filtered" ? [port] : []));

/** What was found about peers, told once for each host and family. */
function peers(all: readonly Facts[], find: (answer: PeerAnswer, facts: Facts) => string | undefined) {
  return triable(all).flatMap(({ facts, answer }) => {
    const found = find(answer, facts);
    return found === undefined
      ? []
      : [{ hosts: [facts.host.name], found: `${answer.peer} over ${answer.family}${found}` }];
  });
}

export const CROSS_CHECKS: readonly CrossCheck[] = [
  {
    code: "machine-id-twice",
    severity: "error",
    title: "every machine-id is one host's",
    find: (all) => same(all, system("machine-id")),
    why: "hosts that were copied from one image get one another's DHCP leases and link-local addresses",
    remedy: "on all but one: rm /etc/machine-id && systemd-machine-id-setup, then restart it",
  },
  {
    code: "product-uuid-twice",
    severity: "error",
    title: "every product UUID is one host's",
    find: (all, { platform }) => (platform === "machine" ? same(all, system("product-uuid")) : []),
    why: "Kubernetes tells nodes apart by it (kubeadm's installation guide)",
    remedy: "give each virtual machine a UUID of its own",
  },
  {
    code: "hostname-twice",
    severity: "warning",
    title: "every host name is one host's",
    find: (all) => same(all, system("hostname")),
    why: "nodes have the names of the spec, but logs and DHCP know the hosts by this one",
    remedy: "hostnamectl set-hostname NAME on each",
  },
  {
    code: "mac-twice",
    severity: "error",
    title: "every hardware address is one host's",
    find: (all) => same(all, ({ host, links }) => host.interfaces.map(({ name }) => links.get(name)?.mac ?? "")),
    why: "a switch sends packets to one of them only, and both make the same link-local address",
    remedy: "give each virtual machine hardware addresses of its own",
  },
  {
    code: "host-key-twice",
    severity: "error",
    title: "every SSH host key is one host's",
    find: (all) =>
      same(all, ({ hostKeys }) => hostKeys).map(({ hosts, found }) => ({ hosts, found: found.split(" ")[0] ?? "" })),
    why: "whoever reads it on one host can pose as the others",
    remedy: "on all but one: rm /etc/ssh/ssh_host_*; ssh-keygen -A; restart sshd; then dualstack trust",
  },
  {
    code: "clock-skew",
    severity: "error",
    title: `clocks are at most ${MOST_SKEW} s apart`,
    find: skewed,
    why: "certificates are not valid yet where the clock is behind, and etcd warns",
    remedy: "run a time service on every host (chrony or systemd-timesyncd)",
  },
  {
    code: "peer-unreachable",
    severity: "error",
    title: "hosts reach one another on every family",
    find: (all) =>
      peers(all, (answer) => {
        if (answer.ping === "full" || answer.ping === "small" || came(answer)) return undefined;
        return answer.ping === "noroute" ? ": no route" : ": no answer, neither to ping nor on a port";
      }),
    why: "nodes talk to one another by these addresses",
    remedy:
      "look at routes ('ip route get'), at the switch or security group between them, and for IPv6 at neighbour discovery (ICMPv6 133 to 136)",
  },
  {
    code: "peer-mtu",
    severity: "error",
    title: "the largest packets pass between hosts",
    find: (all) =>
      peers(all, ({ ping, mtu }) =>
        ping === "small" ? `: packets of ${mtu} bytes are lost, small ones pass` : undefined,
      ),
    why: "connections would hang as soon as they carry much; on the pods' network first",
    remedy:
      "write the size that the network carries as interfaces[].mtu, and let ICMP 'fragmentation needed' and ICMPv6 'packet too big' pass",
  },
  {
    code: "icmp-filtered",
    severity: "error",
    title: "ICMP and ICMPv6 pass between hosts",
    find: (all) =>
      peers(all, (answer, facts) =>
        facts.system.get("ping") && answer.ping === "none" && came(answer)
          ? ": ping is filtered, TCP passes"
          : undefined,
      ),
    why: "IPv6 does not work without ICMPv6: types 1 to 4 (packet too big among them) and 133 to 136 must pass (RFC 4890)",
    remedy: "let ICMP and ICMPv6 pass: nft insert rule inet filter input meta l4proto { icmp, ipv6-icmp } accept",
  },
  {
    code: "peer-port",
    severity: "error",
    title: "the ports of nodes are open between hosts",
    find: (all) =>
      peers(all, (answer) =>
        (came(answer) || answer.ping === "full" || answer.ping === "small") && filtered(answer).length > 0
          ? `: port ${filtered(answer).join(", ")} filtered`
          : undefined,
      ),
    why: "a firewall on the peer, or between, drops what nodes have to say to one another",
    remedy: "open them on the peer: the check 'firewall' has the commands; look at security groups, too",
  },
  {
    code: "peer-later",
    severity: "note",
    title: "every family could be tried already",
    find: (all, spec) =>
      spec.network.families.flatMap((family) => {
        const given = all.filter(({ host }) => isManaged(host));
        const hosts = given.filter((facts) => !familiesThere(facts).includes(family)).map(({ host }) => host.name);
        return hosts.length === 0 ? [] : [{ hosts, found: `no address of ${family} yet` }];
      }),
    why: "dualstack gives them these addresses; then run this again",
    remedy: "dualstack preflight again after pulumi up, or give the addresses before",
  },
];
