/** What differs between the steps of a host before and after: files with their changed lines, and values of the script. */
import type { PlannedFile, Step, StepName } from "../../hosts/document";
import type { Effect } from "./impact";
import { changedLines, type Hunk } from "./lines";

export interface FileChange {
  readonly path: string;
  readonly change: "added" | "removed" | "changed";
  readonly handler: PlannedFile["handler"];
  /** Empty for a file that comes with its host or goes with it. */
  readonly lines: readonly Hunk[];
}

/** Without `removed` and `added`: the same in another order, or a {@link REFERENCE}. */
export interface ValueChange {
  readonly name: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export interface StepChange {
  readonly step: StepName;
  readonly files: readonly FileChange[];
  readonly values: readonly ValueChange[];
  readonly effects: readonly Effect[];
}

export type Differences = Omit<StepChange, "effects">;

/** Compares steps. One comparer remembers the pairs of texts that it has seen: most hosts have the same files. */
export class Comparer {
  private readonly seen = new Map<string, readonly Hunk[]>();

  /** undefined when the host would be sent the same document. */
  steps(before: Step, after: Step): Differences | undefined {
    const files = this.files(before.files, after.files);
    const values = valueChanges(before, after);
    return files.length + values.length === 0 ? undefined : { step: after.name, files, values };
  }

  lines(before: string, after: string): readonly Hunk[] {
    const key = `${before}\0${after}`;
    const lines = this.seen.get(key) ?? changedLines(before, after);
    this.seen.set(key, lines);
    return lines;
  }

  private files(before: readonly PlannedFile[], after: readonly PlannedFile[]): FileChange[] {
    const old = new Map(before.map((file) => [file.path, file]));
    const now = new Set(after.map(({ path }) => path));
    const changed = after.flatMap(({ path, text, handler }): FileChange[] => {
      const was = old.get(path);
      if (was?.text === text) return [];
      const change = was === undefined ? "added" : "changed";
      return [{ path, change, handler, lines: this.lines(was?.text ?? "", text) }];
    });
    const removed = before.filter(({ path }) => !now.has(path));
    return [
      ...changed,
      ...removed.map(
        ({ path, text, handler }): FileChange => ({ path, change: "removed", handler, lines: this.lines(text, "") }),
      ),
    ];
  }
}

/**
 * By this name a step counts on the network's document (hosts/confirmation.ts). Its value is a digest, another one on each host: that it
 * differs says all, and equal changes of many hosts stay equal.
 */
export const REFERENCE = "network";

function valueChanges(before: Step, after: Step): ValueChange[] {
  const names = new Set([...before.values, ...after.values].map(([name]) => name));
  const of = (step: Step, name: string) => step.values.filter(([one]) => one === name).map(([, value]) => value);
  return [...names].flatMap((name) => {
    const [old, now] = [of(before, name), of(after, name)];
    if (old.join("\n") === now.join("\n")) return [];
    if (name === REFERENCE) return [{ name, removed: [], added: [] }];
    return [{ name, removed: old.filter((one) => !now.includes(one)), added: now.filter((one) => !old.includes(one)) }];
  });
}

/** The files of a step that comes or goes as a whole: their names only. */
export function wholeStep({ name, files }: Step, change: "added" | "removed"): Differences {
  return { step: name, values: [], files: files.map(({ path, handler }) => ({ path, change, handler, lines: [] })) };
}
