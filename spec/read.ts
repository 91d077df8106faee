/** Reads a YAML file by its description (spec/shapes.ts). Every mistake is reported to the source; reading goes on. */
import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import { AddressError } from "./addresses";
import type { Path } from "./problems";
import type { Choice, Either, Field, Fields, Integer, List, Parsed, Shape, Struct, Text, Value } from "./shapes";
import { nearest } from "./suggest";
import { child, plain, type Source } from "./yaml";

/** The whole document as `shape` describes it; undefined when the document is no such thing at all. */
export function readDocument<S extends Shape>(source: Source, shape: S): Value<S> | undefined {
  if (source.root === undefined) return undefined;
  // The interpreter below returns what `Value` says, shape by shape; the compiler cannot follow it through the data.
  return new Reader(source).read(shape, source.root, []) as Value<S> | undefined;
}

class Reader {
  constructor(private readonly source: Source) {}

  read(shape: Shape, node: Node, path: Path): unknown {
    if (isScalar(node) && node.value === null) {
      return this.wrong(path, "value-empty", `nothing is written here; write ${wanted(shape)}`);
    }
    switch (shape.kind) {
      case "struct":
        return isMap(node) ? this.struct(shape, node, path) : this.wrongType(shape, path);
      case "list":
        return isSeq(node) ? this.list(shape, node.items as Node[], path) : this.wrongType(shape, path);
      case "either":
        return this.either(shape, node, path);
      case "integer":
        return this.integer(shape, node, path);
      case "tree":
        return isMap(node) ? plain(node) : this.wrongType(shape, path);
      case "flag":
        return isScalar(node) && typeof node.value === "boolean" ? node.value : this.wrongType(shape, path);
      default:
        return this.scalar(shape, node, path);
    }
  }

  private wrong(path: Path, code: string, message: string): undefined {
    this.source.error(path, code, message);
    return undefined;
  }

  private wrongType(shape: Shape, path: Path): undefined {
    return this.wrong(path, "value-type", `must be ${wanted(shape)}`);
  }

  private either(shape: Either, node: Node, path: Path): unknown {
    const option = shape.options.find((one) => fits(one, node));
    return option === undefined ? this.wrongType(shape, path) : this.read(option, node, path);
  }

  private list(shape: List, items: readonly Node[], path: Path): unknown {
    if (items.length < shape.min) {
      return this.wrong(path, "list-short", `at least ${shape.min} of these must be listed`);
    }
    return items.map((item, i) => this.read(shape.of, item, [...path, i]));
  }

  private integer(shape: Integer, node: Node, path: Path): unknown {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= shape.min && value <= shape.max) return value;
    return this.wrong(path, "value-integer", `must be ${wanted(shape)}${integerHint(value)}`);
  }

  private scalar(shape: Text | Choice | Parsed, node: Node, path: Path): unknown {
    if (!isScalar(node)) return this.notScalar(shape, node, path);
    if (typeof node.value !== "string") return this.notText(shape, node, path);
    const bent = node.type === "PLAIN" ? bentBy11(node.value) : undefined;
    if (bent !== undefined) {
      return this.wrong(
        path,
        "value-quotes",
        `many YAML readers take this for ${bent}; put it in quotes: "${node.value}"`,
      );
    }
    if (shape.kind === "text") return this.text(shape, node.value, path);
    return shape.kind === "choice" ? this.choice(shape, node.value, path) : this.parsed(shape, node.value, path);
  }

  /** `dns: fd00::` is a map for YAML: the key `fd00:` with nothing behind it. */
  private notScalar(shape: Shape, node: Node, path: Path): undefined {
    const [only, ...more] = isMap(node) ? node.items : [];
    const key = isScalar(only?.key) ? String(only.key.value) : "";
    const isBare = more.length === 0 && /^[0-9a-f:]+:$/i.test(key) && (only?.value == null || isEmpty(only.value));
    if (!isBare) return this.wrongType(shape, path);
    return this.wrong(
      path,
      "value-quotes",
      `YAML reads this as a map because it ends in a colon; put it in quotes: "${key}:"`,
    );
  }

  private notText(shape: Text | Choice | Parsed, { value, source = "" }: Scalar, path: Path): undefined {
    const as = typeof value === "number" ? `the number ${value}` : `the truth value ${value}`;
    // `1.30` in quotes would still be no version: then quotes alone do not help.
    const quotesHelp = shape.kind === "text" && shape.pattern.test(source);
    const write = quotesHelp ? `put it in quotes: "${source}"` : `write, in quotes, ${wanted(shape)}`;
    return this.wrong(path, "value-quotes", `YAML reads this as ${as}; ${write}`);
  }

  private text(shape: Text, value: string, path: Path): unknown {
    return shape.pattern.test(value) ? value : this.wrong(path, shape.code, `must be ${shape.allowed}`);
  }

  private choice(shape: Choice, value: string, path: Path): unknown {
    if (shape.values.includes(value)) return value;
    const reason = own(shape.refused, value);
    if (reason !== undefined) return this.wrong(path, "value-refused", reason);
    return this.wrong(path, "value-choice", `must be ${shape.values.join(" or ")}${didYouMean(value, shape.values)}`);
  }

  private parsed(shape: Parsed, value: string, path: Path): unknown {
    try {
      return shape.parse(value);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      return this.wrong(path, error.code, error.message);
    }
  }

  private struct(shape: Struct, map: YAMLMap, path: Path): unknown {
    this.checkKeys(shape, map, path);
    const read = Object.entries(shape.fields as Fields).map(([key, field]) => [
      key,
      this.field(field, child(map, key), [...path, key]),
    ]);
    return Object.fromEntries(read);
  }

  private field({ shape, missing }: Field, node: Node | undefined, path: Path): unknown {
    if (node !== undefined) return this.read(shape, node, path);
    if (missing === "required") return this.wrong(path, "value-missing", `is missing; write ${wanted(shape)}`);
    if (missing === "section") return this.struct(shape as Struct, EMPTY, path);
    return missing === "optional" ? undefined : missing.value;
  }

  private checkKeys(shape: Struct, map: YAMLMap, path: Path): void {
    const known = Object.keys(shape.fields);
    const seen = new Set<string>();
    for (const { key } of map.items) {
      const name = isScalar(key) ? String(key.value) : "";
      const node = key as Node;
      if (seen.has(name)) this.source.errorAt(node, [...path, name], "key-duplicate", "is written twice; keep one");
      else if (!known.includes(name)) this.unknownKey(shape, name, node, path);
      seen.add(name);
    }
  }

  private unknownKey(shape: Struct, name: string, node: Node, path: Path): void {
    const reason = own(shape.refused, name);
    const known = Object.keys(shape.fields);
    const hint = didYouMean(name, known) || `; allowed: ${known.join(", ")}`;
    const [code, message]: [string, string] =
      reason === undefined ? ["key-unknown", `unknown key${hint}`] : ["key-refused", reason];
    this.source.errorAt(node, [...path, name], code, message);
  }
}

function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null;
}

function integerHint(value: unknown): string {
  if (typeof value !== "string") return "";
  if (/^\d+$/.test(value)) return ", without quotes";
  const bent = bentBy11(value);
  return bent === undefined ? "" : `; many YAML readers take this for ${bent}`;
}

/** What YAML 1.1 makes of a plain word that is a text in YAML 1.2: most editors, Python and Go programs still read 1.1. */
function bentBy11(word: string): string | undefined {
  if (/^(y|yes|on)$/i.test(word)) return "the truth value true";
  if (/^(n|no|off)$/i.test(word)) return "the truth value false";
  if (!/^[1-9]\d*(:[0-5]?\d)+$/.test(word)) return undefined;
  return `the number ${word.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n)}`;
}

const EMPTY = { items: [] } as unknown as YAMLMap;

/** Is `node` of the kind of YAML value that `shape` is written as? */
function fits(shape: Shape, node: Node): boolean {
  if (shape.kind === "struct" || shape.kind === "tree") return isMap(node);
  return shape.kind === "list" ? isSeq(node) : isScalar(node);
}

function own(record: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

/** What a shape wants, in words. */
function wanted(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return shape.allowed;
    case "integer":
      return `a whole number from ${shape.min} to ${shape.max}`;
    case "tree":
      return "a map";
    case "flag":
      return "true or false";
    case "choice":
      return shape.values.join(" or ");
    case "parsed":
      return shape.what;
    case "list":
      return "a list";
    case "struct":
      return `a map with ${Object.keys(shape.fields).join(", ")}`;
    case "either":
      return (shape.options as readonly Shape[]).map(wanted).join(", or ");
  }
}
