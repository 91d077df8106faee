/** For the way from a draft to the typed spec: what the rules have seen to. */

/** Throws when something is missing that the rules should have reported: a mistake of this program, not of the spec. */
export function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the rules let a spec through without ${what}`);
  return value;
}

/** The items of a list, all of them valid. */
export function items<T>(values: readonly (T | undefined)[] | undefined, what: string): T[] {
  return must(values, what).map((value) => must(value, what));
}
