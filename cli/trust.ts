/** `dualstack trust SPEC`: shows the key of every host for review, and pins what is new in the file that ssh.knownHosts names. */
import { createInterface } from "node:readline/promises";
import Table from "cli-table3";
import type { Command } from "commander";
import pc from "picocolors";
import { HOSTS_AT_ONCE, inParallel } from "../live/parallel";
import { credentialsOf } from "../live/private-key";
import type { Credentials } from "../live/ssh";
import { loadUntrusted } from "../spec";
import { fingerprint } from "../spec/host-key";
import { lookupName } from "../spec/known-hosts";
import { judgeKey, NOT_PINNED, type TrustEnd, trustRounds, type Verdict, withKeys } from "../spec/trust";
import { readText, writeWhole } from "./whole-file";
import { needHosts } from "./with-hosts";

/** Exit code when a host is not trusted afterwards. */
const NOT_TRUSTED = 1;

export function registerTrust(program: Command): void {
  program
    .command("trust")
    .description("show the key of every host for review, and pin new ones in the file that ssh.knownHosts names")
    .argument("<spec>", "YAML file of an environment")
    .option("--yes", "pin what is new without asking, after you have compared the fingerprints")
    .addHelpText("after", HELP)
    .action(async (file: string, { yes }: { yes?: true }) => {
      if (!(await trust(file, yes === true))) process.exitCode = NOT_TRUSTED;
    });
}

const HELP = `
A host's own fingerprints, to compare on its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
A key that is already pinned is never replaced: one that changed is shown, old and new, and refused.

Exit codes: 0 every key is pinned, ${NOT_TRUSTED} a host was not reached, shows another key, or was not accepted, 2 the spec has mistakes.`;

interface Shown {
  readonly end: TrustEnd;
  /** In authorized_keys form. */
  readonly key: string;
  readonly verdict: Verdict;
}

async function trust(file: string, yes: boolean): Promise<boolean> {
  const { spec, knownHosts } = loadUntrusted(file, NOT_PINNED);
  needHosts(spec, "pin");
  const path = knownHosts?.file;
  let text = knownHosts?.text ?? "";
  let isWhole = true;
  const accepted = new Map<string, string>();
  for (const round of trustRounds(spec)) {
    const { shown, unreached } = await look(round, text, accepted, () => credentialsOf(spec));
    if (shown.length > 0) process.stdout.write(`${tableOf(shown)}\n`);
    for (const problem of [...unreached, ...shown.flatMap((one) => refusal(one, path))]) {
      process.stderr.write(`${pc.red("error:")} ${problem}\n`);
      isWhole = false;
    }
    process.stderr.write(clones(shown));
    const fresh = shown.filter(({ verdict }) => verdict.is === "new");
    if (fresh.length === 0) continue;
    if (path === undefined) throw new Error(NO_FILE);
    if (!yes && !(await agreed(fresh.length, path))) return false;
    // read again: somebody may have added a line while the question was open
    text = withKeys(
      readText(path),
      fresh.map(({ end, key }) => ({ ssh: end.ssh, hostKey: key })),
    );
    writeWhole(path, text);
    for (const { end, key } of fresh) accepted.set(lookupName(end.ssh.address, end.ssh.port), key);
    process.stdout.write(`pinned ${fresh.length} ${fresh.length === 1 ? "key" : "keys"} in ${path}\n`);
  }
  return isWhole;
}

const NO_FILE =
  "the spec names no file for the keys: write 'ssh: {knownHosts: known_hosts}' into it (the path begins at the spec's folder), and run this again";

async function look(
  round: readonly TrustEnd[],
  text: string,
  accepted: ReadonlyMap<string, string>,
  credentials: () => Credentials,
): Promise<{ shown: Shown[]; unreached: string[] }> {
  // loaded late: the other commands start faster without the SSH client
  const { shownKey } = require("../live/shown-key") as typeof import("../live/shown-key");
  const unreached: string[] = [];
  const shown = await inParallel(HOSTS_AT_ONCE, round, async (end): Promise<Shown[]> => {
    try {
      const reachable = withJumpKey(end, accepted);
      const key = await shownKey(reachable.ssh, reachable.ssh.jump === undefined ? {} : credentials());
      return [{ end, key, verdict: judgeKey(end, key, text) }];
    } catch (error) {
      unreached.push(`${end.names.join(", ")}: ${(error as Error).message}`);
      return [];
    }
  });
  return { shown: shown.flat(), unreached };
}

/** The jump host's key may have been accepted a moment ago. Without an accepted key nothing goes through it. */
function withJumpKey({ names, ssh }: TrustEnd, accepted: ReadonlyMap<string, string>): TrustEnd {
  if (ssh.jump?.hostKey !== NOT_PINNED) return { names, ssh };
  const hostKey = accepted.get(lookupName(ssh.jump.address, ssh.jump.port));
  if (hostKey === undefined) throw new Error("its jump host is not trusted, so nothing was asked through it");
  return { names, ssh: { ...ssh, jump: { ...ssh.jump, hostKey } } };
}

const WORDS: Readonly<Record<Verdict["is"], string>> = {
  known: "pinned",
  new: "new",
  changed: "CHANGED",
  revoked: "REVOKED",
  unclear: "UNCLEAR",
};

function tableOf(shown: readonly Shown[]): string {
  const table = new Table({
    head: ["", "host", "address", "key", "fingerprint"],
    style: { head: pc.isColorSupported ? ["bold"] : [], border: [], compact: true },
  });
  for (const { end, key, verdict } of shown) {
    const { address, port } = end.ssh;
    const paint = verdict.is === "known" ? pc.green : verdict.is === "new" ? pc.yellow : pc.red;
    const type = key.split(" ")[0] ?? "";
    table.push([paint(WORDS[verdict.is]), end.names.join(", "), `${address} port ${port}`, type, fingerprint(key)]);
  }
  return table.toString();
}

function refusal({ end, key, verdict }: Shown, path = "the spec"): string[] {
  const who = `${end.names.join(", ")} (${end.ssh.address} port ${end.ssh.port})`;
  const check = "compare with 'ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub' on the host's console";
  const name = lookupName(end.ssh.address, end.ssh.port);
  switch (verdict.is) {
    case "changed":
      return [
        `${who}: the key is not the pinned one.\n  pinned  ${verdict.old.split(" ")[0]} ${fingerprint(verdict.old)}\n  shown   ${key.split(" ")[0]} ${fingerprint(key)}\n  If the host was reinstalled, ${check}, take the old key out (ssh-keygen -R '${name}' -f ${path}, or hostKey in the spec), and run this again; if not, somebody is in between`,
      ];
    case "revoked":
      return [`${who}: ${path} marks this key as @revoked; give the host a new key, or take that line out`];
    case "unclear":
      return [
        `${who}: ${path} has two different keys of this host, or half of one; ${check}, and leave only the line that is right`,
      ];
    default:
      return [];
  }
}

/** Hosts that show one and the same key are copies of one another: whoever has one can pose as the others. */
function clones(shown: readonly Shown[]): string {
  const byKey = new Map<string, string[]>();
  for (const { end, key } of shown) byKey.set(key, [...(byKey.get(key) ?? []), end.names.join(", ")]);
  return [...byKey.values()]
    .filter(({ length }) => length > 1)
    .map(
      (names) =>
        `${pc.yellow("warning:")} ${names.join(" and ")} show the same key: were they copied from one image? Make each its own: rm /etc/ssh/ssh_host_*; ssh-keygen -A; restart sshd\n`,
    )
    .join("");
}

async function agreed(count: number, path: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Error(
      "nothing was pinned: run this on a terminal to be asked, or give --yes after you have compared the fingerprints",
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  const question = `Are these the fingerprints of your hosts? Pin ${count} new in ${path}? [y/N] `;
  const answer = await Promise.race([terminal.question(question), closed]);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
