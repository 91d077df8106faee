/** Work on many things, some of them at once. */

/** Does `work` for every item, at most `atOnce` at a time; the results are in the order of the items. The first error is thrown. */
export async function inParallel<T, R>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const entries = items.entries();
  const lane = async () => {
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}

/** How many hosts are spoken to at once: fewer than the unauthenticated connections that an sshd, such as a jump host's, always takes (MaxStartups 10:30:100). */
export const HOSTS_AT_ONCE = 8;
