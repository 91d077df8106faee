/** An authenticated SSH connection to a pinned host, tried again until the limit of dial errors. */
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ConnectConfig, utils } from "ssh2";
import { algorithms, type HostKey, HostKeyMismatch, mismatch, parseHostKey } from "./hostkey";
import type { Connection, Endpoint } from "./inputs";

type Retrying = (message: string) => void;

/** `root@[2001:db8::1]:22`, as all errors name a host. */
export const nameOf = ({ user, host, port }: Endpoint): string =>
  `${user}@${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Connects, through the proxy if there is one. Closing the answer closes everything. */
export async function dial(connection: Connection, cancelled: AbortSignal, retrying: Retrying): Promise<Client> {
  if (connection.proxy === undefined) return retry(connection, "Dial", cancelled, retrying);
  const proxy = await retry(connection.proxy, "Dial proxy", cancelled, retrying);
  const { host, port } = connection;
  const throughProxy = () =>
    new Promise<Duplex>((done, fail) =>
      proxy.forwardOut("127.0.0.1", 0, host, port, (error, stream) => (error ? fail(error) : done(stream))),
    );
  try {
    const client = await retry(connection, "Dial from proxy", cancelled, retrying, throughProxy);
    return client.on("close", () => proxy.end());
  } catch (error) {
    proxy.end();
    throw error;
  }
}

async function retry(
  endpoint: Endpoint,
  label: string,
  cancelled: AbortSignal,
  retrying: Retrying,
  socket?: () => Promise<Duplex>,
): Promise<Client> {
  const [config, pinned] = [await settings(endpoint), parseHostKey(endpoint.hostKey)];
  const limit = endpoint.dialErrorLimit;
  for (let tries = 1, pause = 100; ; tries += 1, pause = Math.min(pause * 1.5, 5000)) {
    try {
      return await attempt(endpoint, pinned, socket === undefined ? config : { ...config, sock: await socket() });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (error instanceof HostKeyMismatch) throw error;
      if (limit >= 0 && tries > limit) {
        throw new Error(`after ${tries} failed attempts: dial ${nameOf(endpoint)}: ${problem}`);
      }
      retrying(`${label} ${tries}/${limit < 0 ? "inf" : limit} failed: retrying`);
    }
    await sleep(pause, undefined, { signal: cancelled }).catch(() => {
      throw new Error(`dial ${nameOf(endpoint)}: cancelled`);
    });
  }
}

/** A key wins over the agent, and a dead agent socket is an error even then: so it is in the official plugin. */
async function settings(endpoint: Endpoint): Promise<ConnectConfig> {
  const { host, port, user: username, password, privateKey, privateKeyPassword } = endpoint;
  const agent = endpoint.agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);
  if (agent !== undefined) await answers(agent);
  const key = privateKey === undefined ? undefined : utils.parseKey(privateKey, privateKeyPassword);
  if (key instanceof Error) throw new Error(`private key for ${nameOf(endpoint)}: ${key.message}`);
  return {
    ...{ host, port, username, readyTimeout: 0 },
    ...(privateKey === undefined ? agent !== undefined && { agent } : { privateKey }),
    ...(privateKeyPassword !== undefined && { passphrase: privateKeyPassword }),
    ...(password !== undefined && { password, tryKeyboard: true }),
  };
}

const answers = (agent: string): Promise<void> =>
  new Promise((done, fail) => {
    const socket = connect(agent, () => {
      socket.destroy();
      done();
    });
    socket.on("error", (error) =>
      fail(new Error(`SSH agent at ${agent} (agentSocketPath or SSH_AUTH_SOCK): ${error.message}`)),
    );
  });

function attempt(endpoint: Endpoint, pinned: HostKey, config: ConnectConfig): Promise<Client> {
  const client = new Client();
  let seen: Buffer | undefined;
  return new Promise<Client>((done, fail) => {
    const seconds = endpoint.perDialTimeout;
    const late = () => give(new Error(`no answer within ${seconds} s`));
    const timer = seconds > 0 ? setTimeout(late, seconds * 1000) : undefined;
    const give = (error: Error) => {
      clearTimeout(timer);
      client.destroy();
      const wrong = seen !== undefined && !seen.equals(pinned.blob);
      fail(wrong ? mismatch(nameOf(endpoint), pinned, seen!) : error);
    };
    client.on("ready", () => {
      clearTimeout(timer);
      done(client.removeAllListeners("error").on("error", () => {}));
    });
    client.on("error", (error) => give(error.level === "client-authentication" ? unauthorized(config) : error));
    client.on("close", () => give(new Error("the host closed the connection before authentication was done")));
    client.on("keyboard-interactive", (_name, _text, _lang, prompts, finish) => {
      finish(prompts.map(() => endpoint.password ?? ""));
    });
    const hostVerifier = (key: Buffer) => {
      seen = key;
      return key.equals(pinned.blob);
    };
    client.connect({ ...config, hostVerifier, algorithms: { serverHostKey: algorithms(pinned) as never } });
  });
}

function unauthorized(config: ConnectConfig): Error {
  const tried =
    config.privateKey !== undefined
      ? "connection.privateKey"
      : config.agent !== undefined
        ? "the SSH agent"
        : "connection.password";
  return new Error(
    `ssh: handshake failed: ssh: unable to authenticate: the host accepts no key or password from ${tried} for user ` +
      `${config.username}; check that the public key is in this user's authorized_keys`,
  );
}
