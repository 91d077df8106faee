/** The objects of the cluster that differ. */
import { objectName, type PlannedObject } from "../../addons/objects";
import { toYaml } from "../../hosts/serialize";
import { objectEffects } from "./effects/objects";
import { type Effect, type Impact, worst } from "./impact";
import { changedLines, type Hunk } from "./lines";

export interface ObjectChange {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
  readonly impact: Impact;
  /** Empty for an object that comes or goes. */
  readonly lines: readonly Hunk[];
  readonly effects: readonly Effect[];
}

export function changedObjects(before: readonly PlannedObject[], after: readonly PlannedObject[]): ObjectChange[] {
  const byName = (objects: readonly PlannedObject[]) =>
    new Map(objects.map(({ object, mode }) => [`${mode} ${objectName(object)}`, object]));
  const [old, now] = [byName(before), byName(after)];
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((key): ObjectChange[] => {
    const [was, is] = [old.get(key), now.get(key)];
    const [from, to] = [was && toYaml(was), is && toYaml(is)];
    if (from === to) return [];
    const { kind, metadata } = (is ?? was)!;
    const effects = objectEffects(was, is);
    return [
      {
        kind,
        ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
        name: metadata.name,
        change: was === undefined ? "added" : is === undefined ? "removed" : "changed",
        impact: worst(effects.map(({ impact }) => impact)),
        lines: from === undefined || to === undefined ? [] : changedLines(from, to).map(bare),
        effects,
      },
    ];
  });
}

/** An object is one document, so its kind says nothing about the place of a line. */
function bare(hunk: Hunk): Hunk {
  return { ...hunk, section: "" };
}
