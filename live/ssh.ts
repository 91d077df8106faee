/** SSH to a host with its pinned key, for what the command does itself: verification and reading the kubeconfig. */
import { createHash } from "node:crypto";
import { Client, type ConnectConfig } from "ssh2";
import type { Ssh } from "../spec/types";

export interface SshResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to prove who we are: a private key (OpenSSH or PEM text), else the agent of SSH_AUTH_SOCK. */
export interface Credentials {
  readonly privateKey?: string;
}

/** Quotes one argument for a POSIX shell, which sshd always starts. */
function quote(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

/** One open connection; several commands share it. */
export class Connection {
  private constructor(
    private readonly client: Client,
    private readonly name: string,
  ) {}

  /**
   * Connects and checks the host key. Throws Error that names the host and the remedy.
   */
  static open(ssh: Ssh, credentials: Credentials): Promise<Connection> {
    const name = `${ssh.user}@${ssh.address} port ${ssh.port}`;
    const [type = "", key = ""] = ssh.hostKey.split(" ");
    const pinned = fingerprint(Buffer.from(key, "base64"));
    let seen = "";
    const config: ConnectConfig = {
      host: ssh.address,
      port: ssh.port,
      username: ssh.user,
      readyTimeout: 15_000,
      keepaliveInterval: 10_000,
      algorithms: { serverHostKey: [type as "ssh-ed25519"] },
      hostVerifier: (offered: Buffer) => {
        seen = fingerprint(offered);
        return seen === pinned;
      },
      ...login(credentials),
    };
    return new Promise((resolve, reject) => {
      const client = new Client();
      client.once("ready", () => resolve(new Connection(client, name)));
      client.once("error", (error: Error & { level?: string }) => {
        if (seen !== "" && seen !== pinned) {
          reject(
            new Error(
              `${name}: the host shows the key ${seen}, but the spec pins ${pinned}. If the host was reinstalled, check its new key on its console and pin that; else somebody is in between`,
            ),
          );
        } else if (error.level === "client-authentication") {
          reject(
            new Error(
              `${name}: the host refuses our key. Is its public half in authorized_keys of ${ssh.user}? Set 'ssh.identityFile' in the spec or start an agent`,
            ),
          );
        } else {
          reject(new Error(`${name}: ${error.message}. Is the host up, the address right, port ${ssh.port} open?`));
        }
      });
      client.connect(config);
    });
  }

  /** Runs a program with arguments (each quoted, none read by a shell) and an optional standard input. */
  run(command: readonly string[], stdin = ""): Promise<SshResult> {
    return new Promise((resolve, reject) => {
      this.client.exec(command.map(quote).join(" "), (error, stream) => {
        if (error) {
          reject(new Error(`${this.name}: ${error.message}`));
          return;
        }
        let [stdout, stderr] = ["", ""];
        stream.on("data", (data: Buffer) => {
          stdout += data;
        });
        stream.stderr.on("data", (data: Buffer) => {
          stderr += data;
        });
        stream.on("close", (code: number | null) => resolve({ code: code ?? -1, stdout, stderr }));
        stream.end(stdin);
      });
    });
  }

  close(): void {
    this.client.end();
  }
}

function login({ privateKey }: Credentials): ConnectConfig {
  if (privateKey !== undefined) return { privateKey };
  const agent = process.env.SSH_AUTH_SOCK;
  return agent === undefined ? {} : { agent };
}

function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}
