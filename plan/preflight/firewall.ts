/** Firewalls on the hosts, and the exact openings that a node needs. Pure. */
import type { ClusterSpec } from "../../spec/types";
import type { Facts } from "./facts";
import type { HostCheck } from "./finding";
import { OPENINGS } from "./ports";

/** The firewalls that close what is not opened, in the words of `look.sh`. */
function active({ firewall }: Facts): ("firewalld" | "ufw" | "nft")[] {
  const has = (name: string) => firewall.some((line) => line.split(" ")[0] === name);
  // the rules of the first two are chains of nftables, too
  if (has("firewalld")) return ["firewalld"];
  if (has("ufw")) return ["ufw"];
  return has("nft") ? ["nft"] : [];
}

/** Chains of nftables that drop by default, such as `inet filter input`. */
const chains = ({ firewall }: Facts) => firewall.filter((line) => line.startsWith("nft ")).map((line) => line.slice(4));

/** A table of one family takes no addresses of the other one. */
const OTHERS: Readonly<Record<string, string>> = { ip: " ip6 saddr ", ip6: " ip saddr " };

function commands(facts: Facts, spec: ClusterSpec): string {
  const [kind] = active(facts);
  if (kind === undefined) return "";
  const lines = OPENINGS[kind](spec, facts.host);
  const placed = chains(facts).flatMap((chain) => {
    const others = OTHERS[chain.split(" ")[0] ?? ""];
    const fitting = lines.filter((line) => others === undefined || !line.includes(others));
    return fitting.map((line) => line.replace("TABLE CHAIN", chain));
  });
  return (kind === "nft" ? placed : lines).map((line) => `\n${line}`).join("");
}

export const FIREWALL: readonly HostCheck[] = [
  {
    code: "firewall",
    severity: "warning",
    title: "no firewall closes a port that nodes need",
    find: (facts) => {
      const [kind] = active(facts);
      return kind === "nft" ? `nftables drops by default: ${chains(facts).join(", ")}` : kind;
    },
    why: "what comes in is dropped unless it is opened, on both families; whether peers get through is tried by itself",
    remedy: (facts, spec) => `open what a ${facts.host.role} needs, if it is not open yet:${commands(facts, spec)}`,
  },
];
