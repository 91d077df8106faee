/** The lab's cluster, seen past Pulumi: by kubectl on its control plane. */
import { print } from "../../hosts/document";
import { withAuthority } from "../../hosts/kubeadm";
import { PROBE } from "../../plan/checks";
import { planCluster } from "../../plan/plan";
import type { Host } from "../../spec";
import { labSpec, on } from "./harness";

/** uid of a pod, and the starts of its containers, by which a restart is told. */
export type Pods = ReadonlyMap<string, string>;

/** `kubectl` with these arguments, as the administrator. */
export function kubectl(line: string, stdin = "", spec = labSpec()): Promise<string> {
  const [plane] = spec.hosts;
  return on(plane!, `kubectl --kubeconfig /etc/kubernetes/admin.conf ${line}`, stdin, spec);
}

/** Every pod with its owner's name before the uid, and with the starts of its containers. */
export async function pods(): Promise<Pods> {
  const { items } = JSON.parse(await kubectl("get pods --all-namespaces -o json"));
  const entries = items.map(({ metadata, status }: any): [string, string] => {
    const owner = metadata.ownerReferences?.[0];
    const name = owner?.kind === "DaemonSet" ? owner.name : metadata.name;
    return [`${name} ${metadata.uid}`, (status.containerStatuses ?? []).map((one: any) => one.restartCount).join()];
  });
  return new Map(entries);
}

/** The owners of pods that went, came or restarted since `before`. */
export async function changedSince(before: Pods): Promise<string[]> {
  const now = await pods();
  const keys = [...new Set([...before.keys(), ...now.keys()])].filter((key) => before.get(key) !== now.get(key));
  // the proof's own pods are its to make anew
  return [...new Set(keys.map((key) => key.split(" ")[0]!))].filter((owner) => owner !== PROBE.name).sort();
}

/** The step kubernetes of a joined host, as Pulumi sends it for the spec as it is now. */
export async function stepOf({ name }: Host): Promise<string> {
  const spec = labSpec();
  const authority = await on(spec.hosts[0]!, "cat /etc/kubernetes/pki/ca.crt");
  const { kubernetes } = planCluster(spec).hosts.find(({ host }) => host.name === name)!;
  return print(withAuthority(kubernetes, `${authority}\n`));
}
