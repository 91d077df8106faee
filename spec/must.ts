/** What the rules promise to those who make the typed spec. */

/** Throws when something is missing that the rules should have reported: a mistake of this program, not of the spec. */
export function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the rules let a spec through without ${what}`);
  return value;
}

/** The items of a list, all of them valid. Throws like `must`. */
export function items<T>(values: readonly (T | undefined)[] | undefined, what: string): T[] {
  return must(values, what).map((value) => must(value, what));
}
