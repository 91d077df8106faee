/** SSH to a host with its pinned key, through its jump host if it has one, for what the command does itself. */
import { connect, Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { Client, type ConnectConfig } from "ssh2";
import { fingerprint } from "../spec/host-key";
import type { Ssh, SshEnd } from "../spec/types";
import { Doors } from "./parallel";

export interface SshResult {
  /** -1 when the connection broke before the program ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to prove who we are: a private key (OpenSSH or PEM text), else the agent of SSH_AUTH_SOCK. */
export interface Credentials {
  readonly privateKey?: string;
}

/** For what a connection is wanted. */
export interface OpenOptions {
  /** Seconds of silence after which the host counts as gone; 30 if not said. */
  readonly patience?: number;
  /** It is used now and then, and does not keep the program from ending meanwhile. */
  readonly idle?: boolean;
}

/** Milliseconds without a word after which a connection is asked whether it still stands. */
const KEEP_ALIVE = 10_000;

/** Fewer logins at a time than an sshd, such as the jump host of all others, always takes (MaxStartups 10:30:100, sshd_config(5)). */
const logins = new Doors(8);

/** Quotes one argument for a POSIX shell, which sshd always starts. */
function quote(argument: string): string {
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

/** `root@2001:db8::1 port 22`, as all errors name an sshd. */
export function nameOf({ user, address, port }: SshEnd): string {
  return `${user}@${address} port ${port}`;
}

/** A command with root's rights, by sudo where the user is another one. */
export function asRoot({ user }: { readonly user: string }, command: readonly string[]): readonly string[] {
  return user === "root" ? command : ["sudo", "-n", ...command];
}

/** One open connection; several commands share it. */
export class Connection {
  private constructor(
    private readonly client: Client,
    private readonly name: string,
  ) {}

  /** Connects, through the jump host if there is one, and checks the host keys of both. Throws Error that names the host and the remedy. */
  static async open(ssh: Ssh, credentials: Credentials, options: OpenOptions = {}): Promise<Connection> {
    const dial = (end: SshEnd) => logins.through(nameOf(end), () => Connection.dial(end, credentials, options));
    if (ssh.jump === undefined) return dial(ssh);
    const jump = await dial(ssh.jump).catch((error: Error) => {
      throw new Error(`jump host of ${nameOf(ssh)}: ${error.message}`);
    });
    try {
      const connection = await Connection.dial(ssh, credentials, options, await jump.forward(ssh));
      connection.client.once("close", () => jump.close());
      return connection;
    } catch (error) {
      jump.close();
      throw error;
    }
  }

  private static dial(
    end: SshEnd,
    credentials: Credentials,
    { idle = false, patience = 30 }: OpenOptions,
    through?: Duplex,
  ): Promise<Connection> {
    const pinned = fingerprint(end.hostKey);
    let seen = "";
    // SSH's own keep-alive is a timer, which would keep the program from ending: the kernel looks after an idle connection
    const kernel = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE };
    const sock = idle && through === undefined ? connect({ host: end.address, port: end.port, ...kernel }) : through;
    const config: ConnectConfig = {
      ...addressOf(end, sock),
      keepaliveInterval: idle ? 0 : KEEP_ALIVE,
      keepaliveCountMax: (patience * 1000) / KEEP_ALIVE,
      algorithms: { serverHostKey: [end.hostKey.split(" ")[0] as "ssh-ed25519"] },
      hostVerifier: (offered: Buffer) => {
        seen = fingerprint(offered);
        return seen === pinned;
      },
      ...login(credentials),
    };
    return new Promise((resolve, reject) => {
      const client = new Client();
      const fail = (error: Error & { level?: string }) => {
        const why = seen !== "" && seen !== pinned ? otherKey(seen, pinned) : explain(error, end, credentials);
        reject(new Error(`${nameOf(end)}: ${why}`));
      };
      client.once("ready", () => {
        if (idle && sock instanceof Socket) sock.unref();
        resolve(new Connection(client, nameOf(end)));
      });
      client.on("error", fail);
      try {
        client.connect(config);
      } catch (error) {
        fail(error as Error); // a private key that cannot be read
      }
    });
  }

  /** A stream to another sshd, as this host reaches it. Throws Error that names both. */
  forward({ address, port }: SshEnd): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      this.client.forwardOut("127.0.0.1", 0, address, port, (error, stream) => {
        if (error === undefined) return resolve(stream);
        const what = `${this.name}: the jump host cannot reach ${address} port ${port}: ${error.message}`;
        reject(new Error(`${what}. Does its sshd allow TCP forwarding (AllowTcpForwarding), and is the host up?`));
      });
    });
  }

  /** Runs a program with arguments (each quoted, none read by a shell) and an optional standard input. */
  run(command: readonly string[], stdin = ""): Promise<SshResult> {
    return this.runLine(command.map(quote).join(" "), stdin);
  }

  /** Runs a constant line of a shell; nothing of a spec may be in it. Tells of each line on standard error as it comes, blank ones apart. */
  runLine(line: string, stdin: string, onProgress?: (line: string) => void): Promise<SshResult> {
    return new Promise((resolve, reject) => {
      this.client.exec(line, (error, stream) => {
        if (error) {
          reject(new Error(`${this.name}: ${error.message}`));
          return;
        }
        const [stdout, stderr]: Buffer[][] = [[], []];
        const text = (chunks: Buffer[] = []) => Buffer.concat(chunks).toString("utf8");
        stream.on("data", (data: Buffer) => stdout!.push(data));
        stream.stderr.on("data", (data: Buffer) => stderr!.push(data));
        if (onProgress !== undefined)
          createInterface({ input: stream.stderr }).on("line", (told) => told !== "" && onProgress(told));
        stream.on("close", (code: number | null) =>
          resolve({ code: code ?? -1, stdout: text(stdout), stderr: text(stderr) }),
        );
        stream.on("error", () => {}); // a program need not read its input
        stream.end(stdin);
      });
    });
  }

  /** Calls back when the connection is closed, by whoever. */
  onClose(callback: () => void): void {
    this.client.once("close", callback);
  }

  close(): void {
    this.client.end();
  }
}

/** Where to connect to, or the stream of a jump host that is already there. */
export function addressOf({ address, port, user }: SshEnd, sock?: Duplex): ConnectConfig {
  const end = { username: user, readyTimeout: 15_000 };
  return sock === undefined ? { ...end, host: address, port } : { ...end, sock };
}

function login({ privateKey }: Credentials): ConnectConfig {
  if (privateKey !== undefined) return { privateKey };
  const agent = process.env.SSH_AUTH_SOCK;
  return agent ? { agent } : {};
}

function otherKey(seen: string, pinned: string): string {
  return `the host shows the key ${seen}, but the spec pins ${pinned}. If the host was reinstalled, check its new key on its console and pin that; else somebody is in between`;
}

/** What an error of the SSH client means, and what to do. */
function explain(error: Error & { level?: string }, { user, port }: SshEnd, { privateKey }: Credentials): string {
  const { message, level } = error;
  if (/Encrypted .*private|no passphrase/i.test(message)) {
    return "the private key is protected by a passphrase: load it into an SSH agent (ssh-add) and take ssh.identityFile out of the spec";
  }
  if (/Cannot parse privateKey/.test(message))
    return `${message}: is ssh.identityFile a private key in OpenSSH or PEM form?`;
  if (level === "agent" || /agent/i.test(message)) {
    return `the SSH agent at SSH_AUTH_SOCK=${process.env.SSH_AUTH_SOCK} does not answer (${message}): start one and 'ssh-add' your key, or set 'ssh.identityFile' in the spec`;
  }
  if (level === "client-authentication") {
    const tried =
      privateKey !== undefined
        ? "our key"
        : process.env.SSH_AUTH_SOCK
          ? "every key of the agent"
          : "us: there is no key and no agent";
    return `the host refuses ${tried}. Is its public half in authorized_keys of ${user}? Set 'ssh.identityFile' in the spec or start an agent`;
  }
  return `${message}. Is the host up, the address right, port ${port} open?`;
}
