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

/** How many hosts are spoken to at once: each has a processor of its own, and this machine ciphers for all of them. */
export const HOSTS_AT_ONCE = 64;

/** Doors of many names, through each of which only some go at a time; the others wait in the order in which they came. */
export class Doors {
  private readonly inside = new Map<string, number>();
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly atOnce: number) {}

  /** Does `work` as soon as there is room behind the door of this name. */
  async through<T>(name: string, work: () => Promise<T>): Promise<T> {
    const inside = this.inside.get(name) ?? 0;
    if (inside < this.atOnce) this.inside.set(name, inside + 1);
    else await new Promise<void>((enter) => this.waiting.set(name, [...(this.waiting.get(name) ?? []), enter]));
    try {
      return await work();
    } finally {
      this.leave(name);
    }
  }

  /** The room goes to the next one who waits. */
  private leave(name: string): void {
    const next = this.waiting.get(name)?.shift();
    if (next !== undefined) next();
    else this.inside.set(name, this.inside.get(name)! - 1);
  }
}
