/**
 * What a diff claims of a running cluster, and what really happened: files that differ, services of systemd that were started anew,
 * and pods that were replaced or restarted, each with its host.
 */

import { PROBE } from "../../plan/checks";
import type { Diff } from "../../plan/diff";
import { kubectl } from "./cluster";
import { labSpec, on } from "./harness";

/** By `FILE on HOST`, `SERVICE on HOST` and `POD'S COMPONENT on HOST`: what is another one when something happened there. */
type Marks = ReadonlyMap<string, string>;

export interface Moment {
  readonly files: Marks;
  readonly running: Marks;
}

export interface Events {
  /** `/etc/containerd/config.toml on worker-1` */
  readonly files: readonly string[];
  /** `containerd on worker-1`, `kube-proxy on worker-2` */
  readonly restarted: readonly string[];
}

/** Digests of what is in /etc, but for what kubeadm, kubelet and the network add-on write there themselves. */
const FILES = "find /etc -xdev -type f -not -path '/etc/kubernetes/*' -not -path '/etc/cni/*' -exec sha256sum {} +";
/** A log-in starts a manager of the user's own services. */
const SERVICES =
  "systemctl list-units --type=service --state=running --plain --no-legend | awk '$1 !~ /^user@/ {print $1}' | " +
  'while read -r unit; do echo "$unit $(systemctl show "$unit" --property=InvocationID --value)"; done';

/** The hosts and the pods of the lab, as they are now. */
export async function moment(): Promise<Moment> {
  const { hosts } = labSpec();
  const seen = await Promise.all(
    hosts.map(async (host) => ({ name: host.name, files: await on(host, FILES), services: await on(host, SERVICES) })),
  );
  const files = seen.flatMap(({ name, files }) =>
    files.split("\n").map((line): [string, string] => [`${line.slice(66)} on ${name}`, line.slice(0, 64)]),
  );
  const services = seen.flatMap(({ name, services }) =>
    services.split("\n").map((line): [string, string] => {
      const [unit = "", invocation = ""] = line.split(" ");
      return [`${unit.replace(/\.service$/, "")} on ${name}`, invocation];
    }),
  );
  return { files: new Map(files), running: new Map([...services, ...(await pods())]) };
}

/** Every component of pods and the host, with the pods' uids and the starts of their containers. */
async function pods(): Promise<[string, string][]> {
  const { items } = JSON.parse(await kubectl("get pods --all-namespaces -o json"));
  const marks = new Map<string, string[]>();
  for (const { metadata, spec, status } of items) {
    const { labels = {}, name, uid } = metadata;
    const component = labels.app ?? labels["k8s-app"] ?? labels.component ?? name;
    // the proof's own pods are its to make anew
    if (name.startsWith(PROBE.name)) continue;
    const key = `${component} on ${spec.nodeName}`;
    const starts = (status.containerStatuses ?? []).map((one: any) => one.state.running?.startedAt ?? "not running");
    marks.set(key, [...(marks.get(key) ?? []), `${uid} ${starts}`]);
  }
  return [...marks].map(([key, all]) => [key, all.sort().join()]);
}

/** What is another one in `after`, has come or has gone. */
export function happened(before: Moment, after: Moment): Events {
  const differ = (was: Marks, is: Marks, key: string) => was.get(key) !== is.get(key);
  const keys = (name: keyof Moment) => [...new Set([...before[name].keys(), ...after[name].keys()])].sort();
  return {
    files: keys("files").filter((key) => differ(before.files, after.files, key)),
    restarted: keys("running").filter((key) => differ(before.running, after.running, key)),
  };
}

/** The same, as `diff` says that it will be. */
export function claimed({ hosts, consequences }: Diff): Events {
  const files = hosts.flatMap((group) =>
    group.hosts.flatMap((host) => group.steps.flatMap((step) => step.files.map(({ path }) => `${path} on ${host}`))),
  );
  const restarts = consequences.filter(({ impact }) => impact === "restart");
  const restarted = restarts.flatMap(({ component = "", hosts }) =>
    component.split(", ").flatMap((one) => hosts.map((host) => `${one} on ${host}`)),
  );
  return { files: [...new Set(files)].sort(), restarted: [...new Set(restarted)].sort() };
}
