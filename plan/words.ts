/** Words that the reports share. */

/** `1 host`, `2 hosts`. */
export function plural(count: number, thing: string): string {
  return count === 1 ? `1 ${thing}` : `${count} ${thing}s`;
}
