/** The lab's cluster, seen past Pulumi: by kubectl on its control plane. */
import { print } from "../../hosts/document";
import { withAuthority } from "../../hosts/kubeadm";
import { planCluster } from "../../plan/plan";
import type { Host } from "../../spec";
import { labSpec, on } from "./harness";

/** `kubectl` with these arguments, as the administrator. */
export function kubectl(line: string, stdin = "", spec = labSpec()): Promise<string> {
  const [plane] = spec.hosts;
  return on(plane!, `kubectl --kubeconfig /etc/kubernetes/admin.conf ${line}`, stdin, spec);
}

/** The step kubernetes of a joined host, as Pulumi sends it for the spec as it is now. */
export async function stepOf({ name }: Host, spec = labSpec()): Promise<string> {
  const authority = await on(spec.hosts[0]!, "cat /etc/kubernetes/pki/ca.crt", "", spec);
  const { kubernetes } = planCluster(spec).hosts.find(({ host }) => host.name === name)!;
  return print(withAuthority(kubernetes, `${authority}\n`));
}
