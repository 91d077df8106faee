/**
 * The language of a spec for editors (JSON Schema) and for people (Markdown), made from the one description in spec/schema.ts.
 * `npx tsx spec/reference.ts` writes both into docs/; a test fails when they are stale.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SPEC } from "./schema";
import type { Field, Fields, Shape } from "./shapes";
import { RELEASES, SET_UP } from "./versions";

type Json = { [key: string]: unknown };

/** JSON Schema, draft 7: the one that yaml-language-server knows best. */
export function jsonSchema(): Json {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "dualstack spec",
    description: "One environment: a dual-stack Kubernetes cluster on plain Linux hosts.",
    ...schemaOf(SPEC),
  };
}

function schemaOf(shape: Shape): Json {
  switch (shape.kind) {
    case "text":
      return { type: "string", pattern: shape.pattern.source };
    case "parsed":
      return { type: "string" };
    case "integer":
      return { type: "integer", minimum: shape.min, maximum: shape.max };
    case "flag":
      return { type: "boolean" };
    case "tree":
      return { type: "object" };
    case "choice":
      return { type: "string", enum: shape.values };
    case "list":
      return { type: "array", minItems: shape.min, items: schemaOf(shape.of) };
    case "struct":
      return struct(shape.fields);
    case "either":
      return { anyOf: shape.options.map(schemaOf) };
  }
}

function struct(fields: Fields): Json {
  const required = Object.keys(fields).filter((key) => fields[key]?.missing === "required");
  return {
    type: "object",
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, property(field)])),
  };
}

function property({ shape, doc, missing }: Field): Json {
  const wanted = allowed(shape);
  const said = wanted === "" ? doc : `${doc} Allowed: ${wanted}.`;
  if (typeof missing === "string") return { description: said, ...schemaOf(shape) };
  const description = `${said} Default: ${missing.text}. Why: ${missing.why}.`;
  return { description, ...(missing.value === undefined ? {} : { default: missing.value }), ...schemaOf(shape) };
}

/** What a shape allows, in words; nothing for a map, whose fields say it. */
function allowed(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return shape.allowed;
    case "parsed":
      return shape.what;
    case "integer":
      return `${shape.min} to ${shape.max}`;
    case "flag":
      return "true or false";
    case "tree":
      return "a map of anything";
    case "choice":
      return shape.values.join(" or ");
    case "list":
      return shape.of.kind === "struct" ? "a list" : `a list, each ${allowed(shape.of)}`;
    case "struct":
      return "";
    case "either":
      return (shape.options as Shape[]).map((one) => allowed(one) || `a map with ${fieldNames(one)}`).join(", or ");
  }
}

function fieldNames(shape: Shape): string {
  return shape.kind === "struct" ? Object.keys(shape.fields).join(", ") : "";
}

/** Every field, one line each, under a heading for each part of the spec. */
export function markdown(): string {
  const fields = Object.entries(SPEC.fields as Fields);
  const single = fields.filter(([, { shape }]) => rowsBelow(shape, "").length === 0);
  const parts = fields.filter(([, { shape }]) => rowsBelow(shape, "").length > 0);
  return [
    INTRODUCTION,
    table(single.map(([key, field]) => row(key, field))),
    ...parts.flatMap(([key, field]) => [
      `## ${key}\n\n${field.doc}\n`,
      table(rowsBelow(field.shape, pathOf(key, field))),
    ]),
    `## Releases of Kubernetes\n\n${RELEASES_INTRODUCTION}\n`,
    releases(),
  ].join("\n");
}

const INTRODUCTION = `# The spec

A spec is one YAML file for one environment. This page and [spec.schema.json](spec.schema.json) are made from \`spec/schema.ts\`
by \`npx tsx spec/reference.ts\`. With the YAML extension of an editor, this first line completes and checks while you write:

\`\`\`yaml
# yaml-language-server: $schema=../docs/spec.schema.json
\`\`\`

\`dualstack check\` knows more rules than a schema can hold: overlaps, sizes, families, versions. It reports all mistakes at once.
`;

const RELEASES_INTRODUCTION = `1.${SET_UP.first} to 1.${SET_UP.last} are set up. For older ones dualstack makes a plan in the form that they read, and warns
that nobody has tried it. The last day of upkeep is a warning once it is past.`;

type Row = readonly [path: string, doc: string, wanted: string, missing: string];

function rowsBelow(shape: Shape, path: string): Row[] {
  switch (shape.kind) {
    case "list":
      return rowsBelow(shape.of, path);
    case "either":
      return (shape.options as Shape[]).flatMap((one) => rowsBelow(one, path));
    case "struct":
      return Object.entries(shape.fields as Fields).flatMap(([key, field]) => {
        return [row(`${path}.${key}`, field), ...rowsBelow(field.shape, `${path}.${pathOf(key, field)}`)];
      });
    default:
      return [];
  }
}

function pathOf(key: string, { shape }: Field): string {
  return shape.kind === "list" ? `${key}[]` : key;
}

function row(path: string, { shape, doc, missing }: Field): Row {
  return [`\`${path}\``, doc, allowed(shape), typeof missing === "string" ? MISSING[missing] : reasoned(missing)];
}

const MISSING = {
  required: "**must be written**",
  optional: "may be missing",
  section: "as if it were empty",
} as const;

function reasoned({ text, why }: { text: string; why: string }): string {
  return `${text}: ${why}`;
}

function table(rows: readonly Row[]): string {
  return lines(["Field", "What it is", "What may be written", "When it is missing"], rows);
}

function lines(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("");
}

function releases(): string {
  const rows = RELEASES.map(({ minor, kubeadm, end, pause, containerd }) => [
    `1.${minor}`,
    `kubeadm.k8s.io/${kubeadm}`,
    end,
    containerd.join(", "),
    pause,
  ]);
  return lines(
    ["Release", "Form of kubeadm's files", "End of upkeep", "containerd that is tried with it", "Pause image"],
    rows,
  );
}

/** Characters of a line, as in biome.json; a comma may follow. */
const WIDTH = 119;

/** JSON as the formatter of this repository writes it: lists of plain values on one line, where `before` leaves room. */
export function printJson(value: unknown, indent = "", before = 0): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    if (value.every((item) => typeof item !== "object") && indent.length + before + line.length <= WIDTH) return line;
    return `[\n${value.map((item) => deeper + printJson(item, deeper)).join(",\n")}\n${indent}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, item]) => `${deeper}${JSON.stringify(key)}: ${printJson(item, deeper, key.length + 4)}`,
  );
  return entries.length === 0 ? "{}" : `{\n${entries.join(",\n")}\n${indent}}`;
}

/** File name to text. */
export function documents(): Map<string, string> {
  return new Map([
    ["spec.schema.json", `${printJson(jsonSchema())}\n`],
    ["spec.md", markdown()],
  ]);
}

if (require.main === module) {
  const folder = join(__dirname, "../docs");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of documents()) writeFileSync(join(folder, name), text);
}
