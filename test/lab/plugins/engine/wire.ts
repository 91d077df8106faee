/** Values as the engine sends them: plain JSON, but for secrets and unknowns, which wear a mark. */

export type Props = Record<string, unknown>;

const mark = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** What an unknown value looks like; the engine has one such word per type and takes any of them back. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknowns = new Set([
  unknown,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

export const isUnknown = (value: unknown): boolean => typeof value === "string" && unknowns.has(value);

export const isProps = (value: unknown): value is Props =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isSecret = (value: unknown): value is { value: unknown } => isProps(value) && value[mark] === secretMark;

/** Marks a value as secret; one mark is enough. */
export const secret = (value: unknown): unknown => (isSecret(value) ? value : { [mark]: secretMark, value });

/** The value without any secret mark, at every depth. */
export function reveal(value: unknown): unknown {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (!isProps(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}

export const revealProps = (props: Props): Props => reveal(props) as Props;

/** Whether any part of the value satisfies the predicate. */
export function contains(value: unknown, predicate: (part: unknown) => boolean): boolean {
  if (predicate(value)) return true;
  if (Array.isArray(value)) return value.some((inner) => contains(inner, predicate));
  return isProps(value) && Object.values(value).some((inner) => contains(inner, predicate));
}

/**
 * Carries the marks of the inputs over to outputs of the same name, as the engine does for plugins that do not know
 * secrets: objects key by key, anything else as a whole.
 */
export function keepSecrets(outputs: unknown, inputs: unknown): unknown {
  if (isSecret(inputs)) return secret(outputs);
  if (isProps(outputs) && isProps(inputs)) {
    const merged = Object.entries(outputs).map(([key, inner]) => [key, keepSecrets(inner, inputs[key])]);
    return Object.fromEntries(merged);
  }
  return contains(inputs, isSecret) ? secret(outputs) : outputs;
}
