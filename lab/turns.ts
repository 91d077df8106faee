/** Labs on one machine take turns where they share something: the daemon that one starts and another stops, address ranges, what is made for the cache. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { needPrograms } from "./packages";
import { CACHE } from "./paths";

/** Only root's labs share more than one user's: the lab's own daemon. */
const FILE = join(process.getuid?.() === 0 ? "/run" : CACHE, "dualstack-lab.lock");

/** Does `work` while nobody else on this machine does theirs under the same `file`. The kernel frees the lock of a killed process (flock(2)). */
export async function inTurn<T>(work: () => Promise<T>, file = FILE): Promise<T> {
  await needPrograms("flock");
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn("flock", [file, "sh", "-c", "echo held; cat"], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    await new Promise<void>((held, failed) => {
      holder.once("error", failed);
      holder.once("exit", (code) => failed(new Error(`the lock ${file} cannot be had: flock ended with ${code}`)));
      holder.stdout.once("data", () => held());
    });
    return await work();
  } finally {
    holder.stdin.end();
  }
}
