/** Runs one command on a host and tells what it printed. */
import type { Client, ClientChannel } from "ssh2";
import type { Log } from "../engine/log";
import { dial, nameOf } from "./dial";
import type { CommandInputs } from "./inputs";

export interface Printed {
  stdout: string;
  stderr: string;
}

/** Runs `command` by the inputs' connection; the connection is closed afterwards. A failed command is an error. */
export async function run(
  command: string,
  inputs: CommandInputs,
  before: Printed,
  log: (line: string) => ReturnType<Log>,
  cancelled: AbortSignal,
): Promise<Printed> {
  const client = await dial(inputs.connection, cancelled, log);
  try {
    return await execute(client, command, inputs, before, log);
  } finally {
    client.end();
  }
}

async function execute(
  client: Client,
  command: string,
  inputs: CommandInputs,
  before: Printed,
  log: (line: string) => ReturnType<Log>,
): Promise<Printed> {
  const [channel, end] = await new Promise<[ClientChannel, Promise<string | undefined>]>((done, fail) => {
    client.once("close", () =>
      fail(new Error(`${nameOf(inputs.connection)}: connection lost: running ${JSON.stringify(command)}`)),
    );
    // listened to at once: the end of a short command may come in one piece with its beginning
    client.exec(command, { env: environment(inputs, before) }, (error, opened) =>
      error ? fail(error) : done([opened, ended(opened)]),
    );
  });
  const { logging } = inputs;
  const stdout = collect(channel, logging === "stderr" || logging === "none" ? undefined : log);
  const stderr = collect(channel.stderr, logging === "stdout" || logging === "none" ? undefined : log);
  channel.on("error", () => {}); // a host that closes its input early is no fault: the exit code decides
  channel.end(inputs.stdin ?? "");
  const problem = await end;
  await Promise.all([stdout.logged(), stderr.logged()]);
  if (problem !== undefined) {
    const where = nameOf(inputs.connection);
    throw new Error(`${where}: ${problem}: running ${JSON.stringify(command)}:\n${stdout.text()}${stderr.text()}`);
  }
  return { stdout: stdout.text().replace(/\n$/, ""), stderr: stderr.text().replace(/\n$/, "") };
}

/** The previous output goes along unless that was switched off; a host takes such names only if its sshd is told to. */
export function environment(inputs: Omit<CommandInputs, "connection">, before: Printed): Record<string, string> {
  const previous = inputs.addPreviousOutputInEnv ?? true;
  return {
    ...inputs.environment,
    ...(previous && before.stdout !== "" && { PULUMI_COMMAND_STDOUT: before.stdout }),
    ...(previous && before.stderr !== "" && { PULUMI_COMMAND_STDERR: before.stderr }),
  };
}

/** What went wrong, in the words of the official plugin; undefined when the command succeeded. */
function ended(channel: ClientChannel): Promise<string | undefined> {
  let outcome: string | undefined = "wait: remote command exited without exit status or exit signal (connection lost)";
  channel.on("exit", (code: number | null, signal?: string) => {
    if (code === null) outcome = `Process exited with status 128 from signal ${signal?.replace(/^SIG/, "")}`;
    else outcome = code === 0 ? undefined : `Process exited with status ${code}`;
  });
  return new Promise((done) => channel.on("close", () => done(outcome)));
}

/** Gathers a stream as text, and sends its lines to the log, in order, while it flows. */
export function collect(stream: NodeJS.ReadableStream, log?: (line: string) => Promise<void>) {
  const chunks: Buffer[] = [];
  let rest = "";
  let logged = Promise.resolve();
  const write = (line: string) => {
    logged = logged.then(() => log?.(line));
  };
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (log === undefined) return;
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop()!;
    lines.forEach(write);
  });
  return {
    text: () => Buffer.concat(chunks).toString("utf8"),
    logged: () => {
      if (rest !== "") write(rest);
      return logged;
    },
  };
}
