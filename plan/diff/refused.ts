/** What a running cluster cannot become, and what a run would do that does not know what runs. */
import { type Refusal, refusedChanges } from "../../spec/changes";
import type { ClusterSpec, Host } from "../../spec/types";
import type { Impact } from "./impact";

export interface RefusedChange extends Refusal {
  /** Who refuses when the state of the last run is lost. host: the control plane does. diff: only the diff says so. */
  readonly by: "host" | "diff";
  /** What happens then. */
  readonly today: string;
  /** What the way to get there costs. */
  readonly way: Impact;
}

export function refusals(old: ClusterSpec, wanted: ClusterSpec): RefusedChange[] {
  return [...refusedChanges(old, wanted), ...half(old, wanted), ...renamed(old, wanted)].map((refusal) => ({
    ...refusal,
    ...(OUTCOMES[refusal.code] ?? BY_HOST),
  }));
}

type Outcome = Pick<RefusedChange, "by" | "today" | "way">;

/** hosts/scripts/kubernetes.sh, refuse_new_identity. */
const BY_HOST: Outcome = {
  by: "host",
  way: "addresses",
  today:
    "the control plane refuses its step kubernetes, and the run ends there; the steps network and system of every host have run by then",
};

function byDiff(way: Impact, today: string): Outcome {
  return { by: "diff", way, today };
}

/** hosts/scripts/system.sh, refuse_release; upgrade.sh, upgrade_by_kubeadm. */
const RELEASE =
  "every control plane refuses its step system before anything of it changes, workers have at most another kubeadm and images, and the run ends there";

const OUTCOMES: { readonly [code: string]: Outcome } = {
  "kind-changed": byDiff(
    "rebuild",
    "the command that runs kind finds the cluster made from another file, refuses, and the run ends there",
  ),
  "cni-changed": byDiff(
    "addresses",
    "the pods of the add-on are replaced node by node; pods on nodes with different ways do not reach each other meanwhile, and devices, routes and addresses of the old one stay",
  ),
  "version-back": { by: "host", way: "rebuild", today: RELEASE },
  "version-skipped": { by: "host", way: "drain", today: RELEASE },
  "version-with-others": byDiff(
    "drain",
    "each node takes the release first and the other change then, while nodes behind it have neither",
  ),
  "control-plane-removed": byDiff(
    "addresses",
    "a second, empty cluster is made on the new control plane, and the run fails at the verification",
  ),
  "control-plane-first": byDiff(
    "addresses",
    "a second, empty cluster is made on the host that is the first one now, and the run fails at the verification",
  ),
  "role-changed": byDiff(
    "rebuild",
    "the host's steps run under its new role; then the removal of the old ones resets the same machine",
  ),
  "address-changed": byDiff(
    "rebuild",
    "the connection goes to the new address, unless ssh.address names another; the link gets it, kubelet and certificates keep the old one",
  ),
  "host-renamed": byDiff(
    "rebuild",
    "the machine keeps its old node name, since it has joined, so the run fails at the verification; a run without it would reset the machine",
  ),
  "platform-changed": byDiff(
    "rebuild",
    "containerd and kubelets restart with the other cgroup driver, and pods that run already were made with the old one",
  ),
  "runtime-changed": byDiff("rebuild", "the files change; kubelet keeps the socket with which the host joined"),
};

/** What the steps would do half-way. */
function half(old: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  const found: Refusal[] = [];
  const refuse = (code: string, path: string, from: unknown, to: unknown, message: string) =>
    found.push({ code, path, from: String(from), to: String(to), message });
  const again = "take the hosts out one by one, and put them in again in a new cluster";
  if (old.platform !== wanted.platform) {
    refuse(
      "platform-changed",
      "platform",
      old.platform,
      wanted.platform,
      `containers that run were made with the other cgroup driver; ${again}`,
    );
  }
  const [was, is] = [old.kubernetes.runtime.kind, wanted.kubernetes.runtime.kind];
  if (was !== is) refuse("runtime-changed", "kubernetes.runtime.kind", was, is, `kubelets know its socket; ${again}`);
  return found;
}

/** A worker under another name is another node; the machine does not notice. */
function renamed(old: ClusterSpec, wanted: ClusterSpec): Refusal[] {
  const before = new Set(old.hosts.map(({ name }) => name));
  const after = new Set(wanted.hosts.map(({ name }) => name));
  const gone = old.hosts.filter(({ name, role }) => !after.has(name) && role === "worker");
  const owners = new Map(gone.flatMap((host) => marks(host).map((mark) => [mark, host] as const)));
  return wanted.hosts.flatMap((host) => {
    const was = before.has(host.name) ? undefined : marks(host).flatMap((mark) => owners.get(mark) ?? [])[0];
    if (was === undefined) return [];
    const message =
      "a node's name is set when it joins; take the host out, apply, then put it in again under the new name";
    return [{ code: "host-renamed", path: `hosts[${was.name}].name`, from: was.name, to: host.name, message }];
  });
}

/** What makes two hosts one machine. */
function marks({ addresses, ssh }: Host): string[] {
  return [...Object.values(addresses).map(String), `${ssh.address} port ${ssh.port}`];
}
