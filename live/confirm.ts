/**
 * The proof that a host whose network has changed is still reachable: new connections with the pinned key. Without it the host
 * goes back to its old network by itself (hosts/scripts/window.sh).
 */
import { isIPv4, isIPv6 } from "node:net";
import { type Action, commandLine, STEP_SECONDS } from "../hosts/command-line";
import { confirmation, refusal } from "../hosts/confirmation";
import { print, type Step } from "../hosts/document";
import { FAMILIES, type Family } from "../spec/families";
import type { Host, Ssh } from "../spec/types";
import { Connection, type Credentials, type SshResult } from "./ssh";

export interface ConfirmOptions {
  readonly host: Host;
  /** The network step that the host has just applied. */
  readonly network: Step;
  readonly credentials: Credentials;
  /** How long a family is tried; shorter than the time after which the host goes back. */
  readonly patienceSeconds?: number;
  /** Told what the host says while it applies the step, such as for whom it waits. */
  readonly onProgress?: (line: string) => void;
}

/** What became of each family, for people. */
export interface Confirmed {
  /** A new connection was opened. */
  readonly proven: readonly Family[];
  /** The next step's own connection is the proof. */
  readonly left: readonly Family[];
  /** Families to which this machine has no route: the host looked at them itself. */
  readonly untried: readonly Family[];
}

/** What Node.js, or the sshd of a jump host, says where there is no route at all: that is no fault of the host. */
const NO_ROUTE = /ENETUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT|Network is unreachable/;
/** Trying again changes nothing. */
const FINAL = /the spec pins|refuses/;

/**
 * Opens a new connection over every family but the one of `ssh.address`, which the next step proves by its own connection, so
 * that a host sees no more than four in a run; over that one where there is no other to try. Throws Error that says what failed
 * and what became of the host: it is told to go back at once where it can be reached, else it goes back when its time is over.
 */
export async function confirmNetwork(options: ConfirmOptions): Promise<Confirmed> {
  const { host, network } = options;
  const families = FAMILIES.filter((family) => host.addresses[family] !== undefined);
  const own = families.filter((family) => family === familyOf(host.ssh.address));
  const untried: Family[] = [];
  const connections = new Map<readonly Family[], Connection>();
  try {
    for (const family of families.filter((each) => !own.includes(each))) {
      const connection = await openPatiently({ ...host.ssh, address: `${host.addresses[family]}` }, options);
      if (connection === undefined) untried.push(family);
      else connections.set([family], connection);
    }
    if (connections.size === 0) connections.set(own, await Connection.open(host.ssh, options.credentials));
    for (const connection of connections.values()) await say(connection, "confirm", confirmation(network, untried));
  } catch (error) {
    return await giveUp(options, (error as Error).message);
  } finally {
    for (const connection of connections.values()) connection.close();
  }
  const proven = [...connections.keys()].flat();
  return { proven, untried, left: families.filter((family) => !proven.includes(family) && !untried.includes(family)) };
}

/**
 * Seconds in which a host that a change cut off has gone back (first_wait of hosts/scripts/window.sh, and some to spare): over the
 * connection that stood before it says why.
 */
export const SILENCE = 180;

/** Applies the network step and gives what it printed: the families that wait for a proof. Throws Error with what the host said. */
export async function applyNetwork({ host, network, credentials, onProgress }: ConfirmOptions): Promise<string> {
  const connection = await Connection.open(host.ssh, credentials, { patience: SILENCE });
  try {
    return (await say(connection, "apply", print(network), onProgress)).stdout.trim();
  } finally {
    connection.close();
  }
}

/** A new connection; undefined where this machine has no route at all. */
async function openPatiently(ssh: Ssh, { credentials, patienceSeconds = 45 }: ConfirmOptions) {
  for (const until = performance.now() + patienceSeconds * 1000; ; ) {
    try {
      return await Connection.open(ssh, credentials);
    } catch (error) {
      const { message } = error as Error;
      if (NO_ROUTE.test(message)) return undefined;
      if (FINAL.test(message) || performance.now() > until) throw error;
    }
    await new Promise((again) => setTimeout(again, 500));
  }
}

/** Has the host go back now, if it can still be told so. */
async function giveUp({ host, network, credentials }: ConfirmOptions, why: string): Promise<never> {
  const sendBack = async () => {
    const connection = await Connection.open(host.ssh, credentials);
    try {
      return (await say(connection, "back", refusal(network, why))).stderr.trim();
    } finally {
      connection.close();
    }
  };
  const fate = await sendBack().catch(
    (error: Error) =>
      `it goes back to its old network by itself within two minutes; it cannot be told so: ${error.message}`,
  );
  throw new Error(`the changed network of ${host.name} is not confirmed: ${why}\n${fate}`);
}

/** Asks an action of the network step. Throws Error with what the host said when it fails. */
async function say(
  connection: Connection,
  action: Action,
  document: string,
  onProgress?: (line: string) => void,
): Promise<SshResult> {
  const result = await connection.runLine(commandLine(action, STEP_SECONDS), document, onProgress);
  if (result.code !== 0) throw new Error(result.stderr.trim());
  return result;
}

/** The family of an address; a name has none that is known here. */
function familyOf(address: string): Family | undefined {
  if (isIPv4(address)) return "ipv4";
  return isIPv6(address) ? "ipv6" : undefined;
}
