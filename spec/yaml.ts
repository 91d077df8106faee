/**
 * A YAML 1.2 file with the place of every value. Only plain data is let in: one document, no aliases, no tags of one's own.
 */
import { isCollection, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, visit } from "yaml";
import { type Path, type Place, type Problem, pathText } from "./problems";
import type { Json } from "./shapes";

/** A file that was read, and the problems found in it so far. */
export class Source {
  readonly problems: Problem[] = [];

  /** The value of the whole document; undefined when there is none that could be read. */
  private contents: Node | undefined;

  private constructor(
    readonly file: string,
    private readonly lines: LineCounter,
  ) {}

  /** Reads `text`. Mistakes of YAML itself are in `problems`, and then `root` is undefined. */
  static read(text: string, file: string): Source {
    const lines = new LineCounter();
    const source = new Source(file, lines);
    source.parse(text);
    return source;
  }

  get root(): Node | undefined {
    return this.contents;
  }

  /** The node at `path`, or undefined. */
  node(path: Path): Node | undefined {
    return path.reduce<Node | undefined>(
      (node, step) => (isCollection(node) ? child(node, step) : undefined),
      this.contents,
    );
  }

  /** Is something written at `path`? */
  has(path: Path): boolean {
    return this.node(path) !== undefined;
  }

  /** The place of `path`, or of the nearest value around it that is written. */
  place(path: Path): Place {
    const node = this.node(path);
    if (node !== undefined || path.length === 0) return this.at(node?.range?.[0] ?? 0);
    return this.place(path.slice(0, -1));
  }

  error(path: Path, code: string, message: string): void {
    this.add("error", path, code, message);
  }

  warning(path: Path, code: string, message: string): void {
    this.add("warning", path, code, message);
  }

  /** An error at a node that no path names, such as a key. `path` is that of the map around it. */
  errorAt(node: Node, path: Path, code: string, message: string): void {
    const place = this.at(node.range?.[0] ?? 0);
    this.problems.push({ code, severity: "error", ...place, path: pathText(path), message });
  }

  private add(severity: Problem["severity"], path: Path, code: string, message: string): void {
    const value = written(this.node(path));
    const problem = { code, severity, ...this.place(path), path: pathText(path), message };
    this.problems.push(value === undefined ? problem : { ...problem, value });
  }

  private at(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  private fault(code: string, message: string, offset: number): void {
    this.problems.push({ code, severity: "error", ...this.at(offset), path: "", message });
  }

  private parse(text: string): void {
    // Duplicate keys are found by spec/read.ts: the check of the library takes quadratic time.
    const documents = parseAllDocuments(text, {
      version: "1.2",
      strict: true,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
      lineCounter: this.lines,
    });
    const [document, second] = "empty" in documents ? [] : documents;
    const [error] = [...(document?.errors ?? []), ...(document?.warnings ?? [])];
    if (second !== undefined) {
      const message = "a spec is one YAML document; give each environment a file of its own";
      this.fault("yaml-documents", message, second.range[0]);
    } else if (error !== undefined) {
      // Whatever follows the first mistake of YAML itself is guesswork.
      this.fault(...explain(error.code, error.message, text), error.pos[0]);
    } else if (document?.contents == null || (isScalar(document.contents) && document.contents.value === null)) {
      this.fault("yaml-empty", "the file is empty; a spec needs at least name and hosts", 0);
    } else {
      this.accept(document.contents, text.includes("*"));
    }
  }

  /** Takes `contents` as the document, unless aliases are in it: a few of them can stand for gigabytes. */
  private accept(contents: Node, mayHoldAliases: boolean): void {
    if (!mayHoldAliases) {
      this.contents = contents;
      return;
    }
    visit(contents, {
      Alias: (_, alias) => {
        this.fault("yaml-alias", "aliases (*name) are not allowed; write the value out", alias.range?.[0] ?? 0);
      },
    });
    if (this.problems.length === 0) this.contents = contents;
  }
}

/** The value at one step from `node`: an item of a list, or the value of a key. */
export function child(node: Node, step: string | number): Node | undefined {
  if (isSeq(node)) {
    const item = typeof step === "number" ? node.items[step] : undefined;
    return isNode(item) ? item : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
  return isNode(pair?.value) ? pair.value : undefined;
}

/** A node as the JSON value that it says. */
export function plain(node: unknown): Json {
  if (isMap(node)) return Object.fromEntries(node.items.map(({ key, value }) => [keyText(key), plain(value)]));
  if (isSeq(node)) return node.items.map(plain);
  return isScalar(node) ? (node.value as Json) : null;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : "";
}

/** A single value as the file has it (`1.30`, not `1.3`). A secret that strayed into the file is not repeated. */
function written(node: Node | undefined): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  const value = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
  return value.includes("PRIVATE KEY") ? "(a private key)" : value.replace(/:\/\/[^/]*@/, "://...@");
}

/** Code and message: the library's words, with what to do about the mistakes that people make most. */
function explain(code: string, message: string, text: string): [string, string] {
  const said = message.split("\n")[0]!.replace(/[.:]$/, "");
  switch (code) {
    case "TAB_AS_INDENT":
      return ["yaml-tab", "YAML allows no tabs in indentation; use spaces"];
    case "TAG_RESOLVE_FAILED":
      return ["yaml-tag", `${said}; take the tag (!...) away`];
    case "RESOURCE_EXHAUSTION":
      return ["yaml-depth", "lists or maps are nested too deeply; a spec needs fewer than ten levels"];
    default:
      return ["yaml-syntax", `not YAML: ${said}. ${advice(text)}, and check indentation and brackets`];
  }
}

/** An IPv6 address that ends in a colon, or begins with one, and has no quotes around it. */
const BARE_IPV6 = /(?:^|[\s[{,])((?:[0-9a-f]{1,4}:)+:|::[0-9a-f:]*)(?=[\s\]},]|$)/im;

function advice(text: string): string {
  const bare = BARE_IPV6.exec(text)?.[1];
  return bare === undefined
    ? "Put values with ':' such as IPv6 addresses in quotes"
    : `Put IPv6 addresses in quotes: "${bare}"`;
}
