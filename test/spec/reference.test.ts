/** The published schema and reference are those of the language, and the schema takes what dualstack takes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { documents, jsonSchema } from "../../spec/reference";
import { WHOLE } from "./whole";

const docs = join(__dirname, "../../docs");
const cases = join(__dirname, "cases");

test.each([...documents()])("docs/%s is fresh (else: npx tsx spec/reference.ts)", (name, text) => {
  expect(readFileSync(join(docs, name), "utf8")).toBe(text);
});

/** As much of JSON Schema as the published one uses. */
function fits(schema: any, value: any): boolean {
  if (schema.anyOf) return schema.anyOf.some((one: any) => fits(one, value));
  switch (schema.type) {
    case "string":
      if (schema.enum && !schema.enum.includes(value)) return false;
      return typeof value === "string" && (!schema.pattern || new RegExp(schema.pattern).test(value));
    case "integer":
      return Number.isInteger(value) && value >= schema.minimum && value <= schema.maximum;
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return Array.isArray(value) && value.length >= schema.minItems && value.every((item) => fits(schema.items, item));
    case "object":
      return fitsObject(schema, value);
    default:
      throw new Error(`the schema uses ${JSON.stringify(schema.type)}`);
  }
}

function fitsObject(schema: any, value: any): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const required: string[] = schema.required ?? [];
  return (
    required.every((key) => key in value) &&
    (schema.properties === undefined ||
      Object.entries(value).every(([key, item]) => key in schema.properties && fits(schema.properties[key], item)))
  );
}

const valid = readdirSync(cases).filter((name) => /^valid-.*\.yaml$/.test(name));

test.each(valid)("the schema takes %s", (name) => {
  expect(fits(jsonSchema(), parse(readFileSync(join(cases, name), "utf8")))).toBe(true);
});

test.each(["key-podcidr", "role-master", "range-mask-zero", "families-empty", "hosts-text", "name-upper"])(
  "the schema refuses what an editor can see: %s",
  (name) => {
    expect(fits(jsonSchema(), parse(readFileSync(join(cases, `${name}.yaml`), "utf8")))).toBe(false);
  },
);

test("every field has a description", () => {
  const bare: string[] = [];
  const walk = (schema: any, path: string) => {
    for (const [key, one] of Object.entries<any>(schema.properties ?? {})) {
      if (!one.description) bare.push(`${path}.${key}`);
      for (const below of [one, one.items, ...(one.anyOf ?? [])]) if (below) walk(below, `${path}.${key}`);
    }
  };
  walk(jsonSchema(), "");
  expect(bare).toEqual([]);
  expect(fits(jsonSchema(), parse(stringify(WHOLE)))).toBe(true);
});
