/** The keys of a cluster, laid out for a control plane that is about to join. */
import type { HostPlan } from "../plan/plan";
import { asRoot, Connection, type Credentials } from "./ssh";

const COMMAND = ["kubeadm", "init", "phase", "upload-certs", "--upload-certs", "--config", "/dev/stdin"];

/**
 * Has the first control plane put the cluster's keys, encrypted as `upload` (hosts/control-plane.ts) says, into Secret kube-system/kubeadm-certs,
 * from which kubeadm removes them after two hours. What it says holds a key, so it travels on standard input.
 * @throws Error that names the host and what it said
 */
export async function layOutCertificates({ host }: HostPlan, upload: string, credentials: Credentials): Promise<void> {
  const connection = await Connection.open(host.ssh, credentials);
  try {
    const { code, stderr } = await connection.run(asRoot(host.ssh, COMMAND), upload);
    if (code !== 0)
      throw new Error(
        `${host.name}: cannot lay out the keys of the cluster (kubeadm ended with code ${code}): ${stderr.trim()}`,
      );
  } finally {
    connection.close();
  }
}
