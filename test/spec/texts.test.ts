/** No text of a spec can hold anything that means something to a shell. */
import fc from "fast-check";
import { stringify } from "yaml";
import { type Problem, parseSpec, SPEC, SpecError } from "../../spec";
import { readDocument } from "../../spec/read";
import { Source } from "../../spec/yaml";
import { KNOWN, WHOLE } from "./whole";

/** Where a single text can be written, by the description of the language itself. */
const places = textPlaces(SPEC, []);

function textPlaces(shape: any, path: readonly (string | number)[]): (string | number)[][] {
  switch (shape.kind) {
    case "struct":
      return Object.keys(shape.fields).flatMap((key) => textPlaces(shape.fields[key].shape, [...path, key]));
    case "list":
      return textPlaces(shape.of, [...path, 0]);
    case "either":
      return shape.options.flatMap((option: unknown) => textPlaces(option, path));
    default:
      return [[...path]];
  }
}

function withText(path: readonly (string | number)[], text: string): any {
  const whole = structuredClone(WHOLE);
  const last = path.at(-1)!;
  const parent = path.slice(0, -1).reduce<any>((node, step, i) => {
    if (typeof node[step] !== "object") node[step] = typeof path[i + 1] === "number" ? [] : {};
    return node[step];
  }, whole);
  parent[last] = text;
  return whole;
}

function codesOf(text: string): string[] {
  const errors = ({ problems }: { problems: readonly Problem[] }) =>
    problems.filter(({ severity }) => severity === "error").map(({ code }) => code);
  // what the description itself refuses needs no rule
  const source = Source.read(text, "fuzz.yaml");
  readDocument(source, SPEC);
  if (errors(source).length > 0) return errors(source);
  try {
    parseSpec(text, { file: "fuzz.yaml", knownHosts: KNOWN });
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return errors(error);
  }
}

const META = [
  "$(id)",
  "`id`",
  ";id",
  "|id",
  "&id",
  ">f",
  "<f",
  "'",
  '"',
  "\\",
  "\n",
  " ",
  "\t",
  "*",
  "?",
  "#",
  "!",
  "~x",
  "{a,b}",
  "\0",
  "=",
  "%",
];

test("the description names every text that the whole spec has", () => {
  expect(places.length).toBeGreaterThan(30);
});

test("the whole spec is valid before anything is put into it", () => {
  expect(() => parseSpec(stringify(WHOLE), { file: "whole.yaml", knownHosts: KNOWN })).not.toThrow();
});

test.each(places.map((path) => [path.join("."), path] as const))("%s", (_, path) => {
  const current = path.reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], WHOLE);
  const good = typeof current === "string" ? current : "a";
  const isHostKey = path.at(-1) === "hostKey";
  const around = stringify(withText(path, "THE-PLACE")).split("THE-PLACE");
  expect(around).toHaveLength(2);
  META.forEach((meta, i) => {
    const text = [meta, `${meta}${good}`, `${good}${meta}`][i % 3]!;
    // Space around a key is dropped with its comment; what is kept is checked below.
    if (isHostKey && text.trim().split(/\s+/).slice(0, 2).join(" ") === good) return;
    const codes = codesOf(around.join(JSON.stringify(text)));
    expect({ text, codes }).toEqual({ text, codes: expect.arrayContaining([expect.any(String)]) });
  });
});

test("whatever gets through is made of harmless characters", () => {
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.string({ unit: "binary", maxLength: 20 }), (path, text) => {
      if (codesOf(stringify(withText(path, text))).length > 0) return;
      expect(text).toMatch(/^[A-Za-z0-9._:/@+~-]+$/);
    }),
    { numRuns: 300 },
  );
});

test("of a host key only its type and the key itself are kept", () => {
  const path = ["hosts", 0, "ssh", "hostKey"];
  const key = WHOLE.hosts[0]!.ssh.hostKey;
  const text = stringify(withText(path, `${key} $(id)`));
  const { spec } = parseSpec(text, { file: "fuzz.yaml", knownHosts: KNOWN });
  expect(spec.hosts[0]!.ssh.hostKey).toBe(key);
});
