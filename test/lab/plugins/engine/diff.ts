/** Compares two sets of properties and names what changed by path, so that the engine can show each change. */
import { isDeepStrictEqual } from "node:util";
import { isProps, isSecret, type Props } from "./wire";

export interface Change {
  path: string;
  kind: "add" | "delete" | "update";
}

const join = (path: string, key: string): string => {
  if (!/^[A-Za-z0-9_$-]+$/.test(key)) return `${path}["${key.replaceAll('"', '\\"')}"]`;
  return path === "" ? key : `${path}.${key}`;
};

/** Every changed leaf. A secret is one leaf: what is inside is not told apart. Absent, null and undefined are one. */
export function differences(old: unknown, now: unknown, path = ""): Change[] {
  const [had, has] = [old ?? undefined, now ?? undefined];
  if (had === undefined && has === undefined) return [];
  if (had === undefined) return [{ path, kind: "add" }];
  if (has === undefined) return [{ path, kind: "delete" }];
  if (isProps(had) && isProps(has) && !isSecret(had) && !isSecret(has)) return ofProps(had, has, path);
  if (Array.isArray(had) && Array.isArray(has)) return ofLists(had, has, path);
  return isDeepStrictEqual(had, has) ? [] : [{ path, kind: "update" }];
}

const ofProps = (old: Props, now: Props, path: string): Change[] =>
  [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .sort()
    .flatMap((key) => differences(old[key], now[key], join(path, key)));

const ofLists = (old: unknown[], now: unknown[], path: string): Change[] =>
  Array.from({ length: Math.max(old.length, now.length) }, (_, index) => index).flatMap((index) =>
    differences(old[index], now[index], `${path}[${index}]`),
  );

/** Whether a changed path is the given property, lies within it, or holds it. */
export const touches = (path: string, property: string): boolean => within(path, property) || within(property, path);

const within = (path: string, holder: string): boolean =>
  path.startsWith(holder) && (path.length === holder.length || ".[".includes(path.charAt(holder.length)));
