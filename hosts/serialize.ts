/** The printers: typed objects become YAML, TOML and INI text. Keys are sorted, so the same plan is the same bytes. */
import { stringify as tomlText } from "smol-toml";
import { stringify as yamlText } from "yaml";

export type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain | undefined };

/** YAML with sorted keys, apiVersion and kind first; several documents are put apart by `---`. Undefined is left out. */
export function toYaml(...documents: readonly unknown[]): string {
  return documents
    .map((value) => once("yaml", value, () => yamlText(sorted(value), { lineWidth: 0, aliasDuplicateObjects: false })))
    .join("---\n");
}

/** TOML with sorted keys. */
export function toToml(value: { readonly [key: string]: Plain }): string {
  return once("toml", value, () => `${tomlText(sorted(value) as Record<string, unknown>)}\n`);
}

const texts = new Map<string, string>();

/** A text that was printed before: most hosts have the same files, and the two plans of a diff nearly all. */
function once(form: string, value: unknown, print: () => string): string {
  const key = form + JSON.stringify(value);
  const text = texts.get(key) ?? print();
  texts.set(key, text);
  return text;
}

export type IniSection = readonly [name: string, keys: readonly (readonly [key: string, value: string])[]];

/** systemd's INI: sections and keys in the given order, a key may repeat; an empty section is left out. */
export function toIni(sections: readonly IniSection[]): string {
  return sections
    .filter(([, keys]) => keys.length > 0)
    .map(([name, keys]) => `[${name}]\n${keys.map(([key, value]) => `${key}=${value}\n`).join("")}`)
    .join("\n");
}

const FIRST = ["apiVersion", "kind", "metadata", "name"];

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const rank = (key: string) => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}
