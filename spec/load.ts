/** From the text or the file of a spec to the typed spec, or to all of its mistakes at once. */
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { complete } from "./complete";
import { familiesOf } from "./derive";
import { KnownHosts } from "./known-hosts";
import { isUrl } from "./mirror";
import { byPlace, type Problem, SpecError } from "./problems";
import { readDocument } from "./read";
import { RULES } from "./rules";
import { type Draft, SPEC } from "./schema";
import type { ClusterSpec } from "./types";
import { Source } from "./yaml";

export interface Loaded {
  readonly spec: ClusterSpec;
  /** Sorted by place. */
  readonly warnings: readonly Problem[];
}

/** Stands for the key of a host to which no connection is made: plans and diffs do not depend on what some machine's known_hosts has. */
export const UNPINNED = "from known_hosts";

export interface ParseOptions {
  /** Its name in messages. */
  readonly file: string;
  /** The text of the file that its ssh.knownHosts names. */
  readonly knownHosts?: string;
  /** Stands for every host key that is not found: for work that makes no connection, such as comparing two specs. */
  readonly placeholderKey?: string;
  /** The day (2026-11-21) on which to say which releases are past their end; without it nothing is said about that. */
  readonly today?: string;
}

/**
 * Reads a spec from `text`. Pure: `spec.ssh.identityFile` and `spec.mirror` stay as they are written. Throws {@link SpecError} with every mistake.
 */
export function parseSpec(text: string, options: ParseOptions): Loaded {
  const source = Source.read(text, options.file);
  const { knownHosts, placeholderKey, today } = options;
  const none = knownHosts === undefined && placeholderKey === undefined;
  const keys = none ? undefined : KnownHosts.parse(knownHosts ?? "", placeholderKey);
  return check(source, readDocument(source, SPEC), keys, today);
}

const thisDay = () => new Date().toISOString().slice(0, 10);

/** Reads the spec `file` and the known_hosts file that it names; paths in it begin at its folder. Throws {@link SpecError}. */
export function loadSpec(file: string, today = thisDay()): Loaded {
  const { spec, warnings } = load(file, today);
  return { spec, warnings };
}

export interface Untrusted extends Loaded {
  /** The file that ssh.knownHosts names, and its text; empty when there is no such file yet. */
  readonly knownHosts?: { readonly file: string; readonly text: string };
}

/** Like {@link loadSpec}, for what connects to no host or pins its key: a host without a pinned key is no mistake, and has `placeholder` for one. */
export function loadUntrusted(file: string, placeholder: string): Untrusted {
  return load(file, thisDay(), placeholder);
}

function load(file: string, today: string | undefined, placeholder?: string): Untrusted {
  const source = Source.read(readSpecText(file), file);
  const draft = readDocument(source, SPEC);
  const named = draft?.ssh?.knownHosts;
  const path = named && fromSpec(file, named);
  const text = path && readIfThere(path);
  const none = text === undefined && placeholder === undefined;
  const known = none ? undefined : KnownHosts.parse(text ?? "", placeholder);
  const { spec, warnings } = check(source, draft, known, today);
  const { identityFile } = spec.ssh;
  const ssh = identityFile === undefined ? {} : { identityFile: fromSpec(file, identityFile) };
  const loaded = { spec: withMirror({ ...withEtcd(spec, file), ssh }, file), warnings };
  return path === undefined ? loaded : { ...loaded, knownHosts: { file: path, text: text ?? "" } };
}

function withEtcd(spec: ClusterSpec, file: string): ClusterSpec {
  const { cni } = spec;
  if (cni.kind !== "calico" || cni.etcd?.tls === undefined) return spec;
  const { ca, cert, key } = cni.etcd.tls;
  const tls = { ca: fromSpec(file, ca), cert: fromSpec(file, cert), key: fromSpec(file, key) };
  return { ...spec, cni: { ...cni, etcd: { ...cni.etcd, tls } } };
}

/** `spec`, read from `file`, with the whole path of its mirror folder. */
export function withMirror(spec: ClusterSpec, file: string): ClusterSpec {
  const { mirror } = spec;
  return mirror === undefined || isUrl(mirror) ? spec : { ...spec, mirror: fromSpec(file, mirror) };
}

function check(
  source: Source,
  draft: Draft | undefined,
  knownHosts: KnownHosts | undefined,
  today: string | undefined,
): Loaded {
  if (draft === undefined) throw new SpecError(source.file, source.problems);
  for (const rule of RULES) rule({ source, draft, families: familiesOf(draft), knownHosts, today });
  if (source.problems.some(({ severity }) => severity === "error")) throw new SpecError(source.file, source.problems);
  return { spec: complete(draft, knownHosts), warnings: byPlace(source.problems) };
}

/** Bytes. A cluster of a thousand hosts needs a third of it. */
const LARGEST_FILE = 1_000_000;

/** The text of the file of a spec. Throws {@link SpecError} for what can be no spec at all. */
export function readSpecText(file: string): string {
  const fault = (code: string, message: string) =>
    new SpecError(file, [{ code, severity: "error", line: 1, column: 1, path: "", message }]);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) throw fault("file-missing", "there is no such file; name the YAML file of an environment");
  if (!stat.isFile()) throw fault("file-kind", "is not a file; name the YAML file of an environment");
  if (stat.size > LARGEST_FILE) throw fault("file-large", `has ${stat.size} bytes; a spec has at most ${LARGEST_FILE}`);
  const bytes = readFileSync(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fault("file-encoding", "is not UTF-8; save it as UTF-8");
  }
}

/** undefined when the file cannot be read: the rule about host keys says what to do. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function fromSpec(file: string, path: string): string {
  return path.startsWith("~/") ? resolve(homedir(), path.slice(2)) : resolve(dirname(file), path);
}
