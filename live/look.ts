/** Asks hosts, each in exactly one connection with one program. */
import { commandLine, NO_SUDO } from "../hosts/command-line";
import { Answers, printQuestions, type Question } from "../hosts/look";
import type { Ssh } from "../spec/types";
import { HOSTS_AT_ONCE, inParallel } from "./parallel";
import { Connection, type Credentials, nameOf } from "./ssh";

/** What a host said, and this machine's clock around it, in seconds. */
export interface Seen {
  readonly answers: Answers;
  readonly from: number;
  readonly to: number;
}

/** A host is seen, or there is a reason why not. */
export type Look = { readonly seen: Seen } | { readonly problem: string };

const LIMIT_SECONDS = 120;

export interface Asked {
  readonly ssh: Ssh;
  readonly questions: readonly Question[];
}

/** The answers of every host, in their order; a host that cannot be asked is a problem of its own and stops nobody. */
export function lookAtAll(hosts: readonly Asked[], credentials: Credentials): Promise<Look[]> {
  return inParallel(HOSTS_AT_ONCE, hosts, async (host): Promise<Look> => {
    try {
      return { seen: await lookAt(host, credentials) };
    } catch (error) {
      return { problem: (error as Error).message };
    }
  });
}

async function lookAt({ ssh, questions }: Asked, credentials: Credentials): Promise<Seen> {
  const connection = await Connection.open(ssh, credentials);
  try {
    const from = Date.now() / 1000;
    const { code, stdout, stderr } = await connection.runLine(
      commandLine("look", LIMIT_SECONDS),
      printQuestions(questions),
    );
    const to = Date.now() / 1000;
    if (code === NO_SUDO) throw new Error(`${nameOf(ssh)}: ${stderr.trim()}`);
    if (code === -1) throw new Error(`${nameOf(ssh)}: the connection was lost while the host was asked; run it again`);
    if (code === 124)
      throw new Error(
        `${nameOf(ssh)}: the host did not answer within ${LIMIT_SECONDS} s; is a disk or a service hanging there?`,
      );
    if (code !== 0) throw new Error(`${nameOf(ssh)}: the host could not be asked (code ${code}): ${stderr.trim()}`);
    return { answers: Answers.parse(stdout), from, to };
  } catch (error) {
    const { message } = error as Error;
    throw message.startsWith(nameOf(ssh)) ? error : new Error(`${nameOf(ssh)}: ${message}`);
  } finally {
    connection.close();
  }
}
