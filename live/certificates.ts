/** The keys of a cluster, laid out for control planes that are about to join. */
import type { Host } from "../spec/types";
import { asRoot, Connection, type Credentials } from "./ssh";

const COMMAND = ["kubeadm", "init", "phase", "upload-certs", "--upload-certs", "--config", "/dev/stdin"];

/**
 * Has the first control plane put the cluster's keys into Secret kube-system/kubeadm-certs, from which kubeadm removes them after
 * two hours. However many control planes join in a run, one connection to the first one serves them all.
 */
export class Certificates {
  private connection: Promise<Connection> | undefined;

  constructor(
    private readonly host: Host,
    private readonly credentials: () => Promise<Credentials>,
  ) {}

  /**
   * @param upload by which key, see hosts/control-plane.ts; it travels on standard input
   * @throws Error that names the host and what it said
   */
  async layOut(upload: string): Promise<void> {
    const { name, ssh } = this.host;
    this.connection ??= this.open().catch((error: unknown) => {
      this.connection = undefined;
      throw error;
    });
    const connection = await this.connection;
    const { code, stderr } = await connection.run(asRoot(ssh, COMMAND), upload);
    if (code === 0) return;
    throw new Error(
      `${name}: cannot lay out the keys of the cluster (kubeadm ended with code ${code}): ${stderr.trim()}`,
    );
  }

  private async open(): Promise<Connection> {
    const connection = await Connection.open(this.host.ssh, await this.credentials(), { idle: true });
    connection.onClose(() => {
      this.connection = undefined;
    });
    return connection;
  }
}
