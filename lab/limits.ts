/**
 * A limit of this machine's kernel that hosts in containers share: every systemd and kubelet in them takes several inotify
 * instances of root's, of which kernels allow 128 by default. Beyond that systemd ends at once, without a word (kind's "Known
 * Issues" has the same one).
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Log } from "./log";

const LIMIT = "/proc/sys/fs/inotify/max_user_instances";
const ENOUGH = 1024;
/** The value that was there before the first lab, for the way back; like the limit itself it does not survive a boot. */
const BEFORE = "/run/dualstack-lab.inotify";

const current = () => readFileSync(LIMIT, "utf8").trim();

/** Raises the limit where it is too low. Throws Error where that is not ours to do. */
export function raiseLimit(log: Log): void {
  if (!existsSync(LIMIT) || Number(current()) >= ENOUGH) return; // a daemon in a virtual machine of its own has its own limits
  const set = `sysctl -w fs.inotify.max_user_instances=${ENOUGH}`;
  if (process.getuid?.() !== 0)
    throw new Error(`hosts in containers need more inotify instances than ${current()}: sudo ${set}`);
  writeFileSync(BEFORE, current());
  writeFileSync(LIMIT, `${ENOUGH}`);
  log.line(`kernel: ${set} (it was ${readFileSync(BEFORE, "utf8")})`);
}

/** Gives the limit back after the last lab. */
export function restoreLimit(): void {
  if (!existsSync(BEFORE)) return;
  writeFileSync(LIMIT, readFileSync(BEFORE, "utf8"));
  rmSync(BEFORE);
}
