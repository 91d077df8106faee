/** How the command reaches a live cluster: by the kubeconfig of its first control plane. */
import type { ClusterPlan } from "../plan/plan";
import { kindKubeconfig } from "./kind";
import { asRoot, Connection, type Credentials } from "./ssh";

/** Reads the admin kubeconfig over SSH, by sudo where the user is not root; of kind, by kind. Throws Error that names host and remedy. */
export async function readKubeconfig({ spec, hosts: [first] }: ClusterPlan, credentials: Credentials): Promise<string> {
  if (first === undefined) return kindKubeconfig(spec);
  const { host } = first;
  const connection = await Connection.open(host.ssh, credentials);
  try {
    const { code, stdout, stderr } = await connection.run(asRoot(host.ssh, ["cat", "/etc/kubernetes/admin.conf"]));
    if (code === 0) return stdout;
    throw new Error(
      `${host.name}: cannot read /etc/kubernetes/admin.conf: ${stderr.trim()}. Is there a cluster yet? 'pulumi up' makes it`,
    );
  } finally {
    connection.close();
  }
}
