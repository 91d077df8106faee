/** The lock of a stack, as the engine's message tells it: whether who holds it still lives, and what to do. */
import { existsSync } from "node:fs";
import { hostname } from "node:os";

/** `file:///...json: created by USER@HOST (pid 123) at 2026-11-21T10:00:00Z` (pkg/backend/diy/lock.go). */
const HOLDER = /created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g;

/** undefined: the run did not end because of a lock. */
export function lockHeld(output: string, stack: string): string | undefined {
  if (!/stack is currently locked|Another update is currently in progress/.test(output)) return undefined;
  const holders = [...output.matchAll(HOLDER)];
  const alive = holders.filter(([, , host, pid]) => host !== hostname() || existsSync(`/proc/${pid}`));
  const names = holders
    .map(([, user, host, pid, at]) => `process ${pid} of ${user} on ${host}, since ${at}`)
    .join("; ");
  const cancel = `pulumi cancel --stack ${stack} --yes`;
  if (holders.length > 0 && alive.length === 0) {
    return (
      `the run that holds the lock of ${stack} is dead (${names}): it was killed.\n` +
      `\`${cancel}\` takes its lock away; then run again, with the same hosts in the spec: what they have done stays done`
    );
  }
  const who = names === "" ? "" : ` (${names})`;
  return `another run works on ${stack}${who}: wait for it. Only if it is dead, \`${cancel}\` takes its lock away`;
}
