/**
 * The parts of which the language is described (spec/schema.ts): plain data, so that a reader, a JSON Schema and a reference
 * can all be made from the one description. The type of what is read follows from it.
 */

/** Text that matches `pattern`, which is an allow-list: no shell metacharacter gets through. */
export interface Text {
  readonly kind: "text";
  readonly pattern: RegExp;
  /** What the pattern allows, in words. */
  readonly allowed: string;
  readonly code: string;
}

export interface Integer {
  readonly kind: "integer";
  readonly min: number;
  readonly max: number;
}

/** true or false. */
export interface Flag {
  readonly kind: "flag";
}

export interface Choice<V extends string = string> {
  readonly kind: "choice";
  readonly values: readonly V[];
  /** Values that users may expect, and why they are not there. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** Text that `parse` turns into a value. `parse` throws an error with a `code` and a teaching message (AddressError). */
export interface Parsed<T = unknown> {
  readonly kind: "parsed";
  /** What is wanted, for the reference: "IPv4 range". */
  readonly what: string;
  readonly parse: (text: string) => T;
}

export interface List<S extends Shape = Shape> {
  readonly kind: "list";
  readonly of: S;
  readonly min: number;
}

export interface Struct<F extends Fields = Fields> {
  readonly kind: "struct";
  readonly fields: F;
  /** Keys that users may expect, and why they are not there. */
  readonly refused?: Readonly<Record<string, string>>;
}

/** A map of anything that JSON can say: a part of somebody else's language. */
export interface Tree {
  readonly kind: "tree";
}

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One of several shapes, told apart by the kind of YAML value: a single value, a list or a map. */
export interface Either<S extends readonly Shape[] = readonly Shape[]> {
  readonly kind: "either";
  readonly options: S;
}

// biome-ignore lint/suspicious/noExplicitAny: the shapes refer to one another, `unknown` would not let inference through
export type Shape = Text | Integer | Flag | Tree | Choice<any> | Parsed<any> | List<any> | Struct<any> | Either<any>;

/** A default and its reason. `value` is missing when the default follows from other values, as `text` says. */
export interface Default<T = unknown> {
  readonly text: string;
  readonly why: string;
  readonly value?: T;
}

export interface Field<S extends Shape = Shape> {
  readonly shape: S;
  /** What it is, for the reference. */
  readonly doc: string;
  /** required: must be written. optional: may be missing. section: missing is the same as empty. Else the default. */
  readonly missing: "required" | "optional" | "section" | Default;
}

export type Fields = Readonly<Record<string, Field>>;

/** What a shape reads. Everything in a map or list may be undefined: not written, or not valid and reported. */
export type Value<S> = S extends Text
  ? string
  : S extends Integer
    ? number
    : S extends Flag
      ? boolean
      : S extends Tree
        ? { readonly [key: string]: Json }
        : S extends Choice<infer V>
          ? V
          : S extends Parsed<infer T>
            ? T
            : S extends List<infer I>
              ? readonly (Value<I> | undefined)[]
              : S extends Struct<infer F>
                ? { readonly [K in keyof F]: Value<F[K]["shape"]> | undefined }
                : S extends Either<infer O>
                  ? Value<O[number]>
                  : never;

export function text(code: string, pattern: RegExp, allowed: string): Text {
  return { kind: "text", code, pattern, allowed };
}

export function integer(min: number, max: number): Integer {
  return { kind: "integer", min, max };
}

export const FLAG: Flag = { kind: "flag" };

export const TREE: Tree = { kind: "tree" };

export function choice<const V extends string>(values: readonly V[], refused: Record<string, string> = {}): Choice<V> {
  return { kind: "choice", values, refused };
}

export function parsed<T>(what: string, parse: (text: string) => T): Parsed<T> {
  return { kind: "parsed", what, parse };
}

export function list<S extends Shape>(of: S, min = 0): List<S> {
  return { kind: "list", of, min };
}

export function struct<F extends Fields>(fields: F, refused: Record<string, string> = {}): Struct<F> {
  return { kind: "struct", fields, refused };
}

export function either<const S extends readonly Shape[]>(...options: S): Either<S> {
  return { kind: "either", options };
}

export function required<S extends Shape>(shape: S, doc: string): Field<S> {
  return { shape, doc, missing: "required" };
}

export function optional<S extends Shape>(shape: S, doc: string): Field<S> {
  return { shape, doc, missing: "optional" };
}

export function section<S extends Struct>(shape: S, doc: string): Field<S> {
  return { shape, doc, missing: "section" };
}

export function defaulted<S extends Shape>(shape: S, doc: string, missing: Default<Value<S>>): Field<S> {
  return { shape, doc, missing };
}
