/** Rules about a cluster in kind: what kind does by itself is not written, and its network has room. */
import { kindRanges } from "../derive";
import { FAMILIES } from "../families";
import { type Path, pathText } from "../problems";
import { releaseOf, SET_UP } from "../versions";
import type { Context } from "./context";

/** A cluster is on hosts, or in kind. */
export function hostsOrKind({ source, draft }: Context): void {
  const [hosts, kind] = [source.has(["hosts"]), source.has(["kind"])];
  if (!hosts && !kind) {
    source.error(
      ["hosts"],
      "value-missing",
      "is missing; list the hosts, or write kind: {workers: 1} for a cluster in kind",
    );
  } else if (hosts && kind) {
    source.error(["kind"], "kind-hosts", "kind makes nodes of its own; take this away, or hosts");
  }
  if (!kind || draft.kind === undefined) return;
  for (const path of OWN) {
    if (!source.has(path)) continue;
    source.error(path, "kind-own", `kind decides this for its nodes; take ${pathText(path)} away`);
  }
}

/** What kind's node image, its kubeadm file and Docker bring. */
const OWN: readonly Path[] = [
  ["platform"],
  ["ssh"],
  ["kubernetes", "install"],
  ["kubernetes", "runtime"],
  ["network", "endpoint"],
  ["network", "backend"],
  ["network", "dns"],
  ["network", "dnsDomain"],
  ["network", "certificateNames"],
  ["network", "pods", "nodeMask"],
  ["verification", "outside"],
];

/** `-control-plane` comes behind the name, and a host name has 63 characters at most. */
const LONGEST_NAME = 49;

export function kindLimits({ source, draft }: Context): void {
  if (draft.kind === undefined) return;
  const { name = "", kubernetes } = draft;
  if (name.length > LONGEST_NAME) {
    const message = `kind calls the first node ${name}-control-plane, which is too long for a host; use at most ${LONGEST_NAME} characters`;
    source.error(["name"], "kind-name-long", message);
  }
  const found = releaseOf(kubernetes?.version ?? "");
  if (found !== undefined && found.minor < SET_UP.first) {
    const message = `dualstack sets up clusters in kind of Kubernetes 1.${SET_UP.first} and later; use such a release`;
    source.error(["kubernetes", "version"], "kind-version", message);
  }
}

/** Docker's gateway, the network's own address and, in IPv4, its last one are no node's. */
const NOT_FOR_NODES = 3n;

export function kindNetwork({ source, draft, families = [] }: Context): void {
  const { kind } = draft;
  if (kind === undefined) return;
  const nodes = BigInt((kind.workers ?? 0) + 1);
  const ranges = kindRanges(draft);
  for (const family of FAMILIES) {
    const [path, range] = [["kind", "network", family], ranges[family]];
    if (source.has(path) && families.length > 0 && !families.includes(family)) {
      source.error(
        path,
        "family-extra",
        `network.families is [${families.join(", ")}]; take this away, or add ${family} there`,
      );
    } else if (range !== undefined && range.capacity < nodes + NOT_FOR_NODES) {
      source.error(path, "kind-network-small", `has no room for ${nodes} nodes and Docker's gateway; make it larger`);
    }
  }
}
