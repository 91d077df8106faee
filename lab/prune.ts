/** The cache grows with every version and every changed recipe; this makes it small again. */
import { rmSync, statfsSync } from "node:fs";
import { basename } from "node:path";
import { unusedSince } from "./artefact";
import { findDocker } from "./docker";
import type { Log } from "./log";
import { thingsOf } from "./owner";
import { CACHE } from "./paths";
import { inTurn } from "./turns";

const DAY = 24 * 60 * 60 * 1000;

/** Removes the programs and images from the cache that no lab has asked for in the last `days` days. Throws Error while a lab is up. */
export async function prune(log: Log, days: number): Promise<void> {
  await inTurn(async () => {
    const docker = await findDocker();
    const things = docker ? [...(await thingsOf(docker, "network")), ...(await thingsOf(docker, "volume"))] : [];
    const [up] = things;
    // a machine's disk and a shell's programs are used where they lie
    if (up)
      throw new Error(`the lab ${up.lab} of ${up.checkout} is up and uses the cache: \`dualstack lab down\` it first`);
    const old = unusedSince(new Date(Date.now() - days * DAY));
    const before = free();
    for (const folder of old) {
      rmSync(folder, { recursive: true });
      log.line(`${basename(folder)}: removed`);
    }
    const freed = old.length > 0 ? `, ${((free() - before) / 2 ** 30).toFixed(1)} GiB` : "";
    log.line(`${old.length} removed that no lab has asked for in ${days} days${freed}`);
  });
}

/** Bytes that the cache's disk has left; 0 where there is no cache yet. */
function free(): number {
  try {
    const { bavail, bsize } = statfsSync(CACHE);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
