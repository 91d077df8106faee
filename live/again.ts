/** Calls that are made again when their connection is cut. */
import { setTimeout as sleep } from "node:timers/promises";

/** How often a call is made, a second apart. */
const TRIES = 10;

/**
 * What a call gives that may be made twice. An API server that starts again, or a virtual address that moves to another host, cuts
 * connections for seconds; an error that `isAnswer` is thrown at once, any other after the last try.
 */
export async function again<T>(call: () => Promise<T>, isAnswer: (error: unknown) => boolean): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (isAnswer(error) || tries === TRIES) throw error;
    }
    await sleep(1000);
  }
}
