/** The changed lines of a text, each with the section it stands in, and without neighbours: equal changes of many hosts are equal. */
import { structuredPatch } from "diff";

export interface Hunk {
  /** The document, section or table around the lines: `KubeProxyConfiguration`, `[Network]`; empty: none. */
  readonly section: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

export function changedLines(before: string, after: string): Hunk[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: 0 });
  const [old, next] = [before.split("\n"), after.split("\n")];
  return hunks.map(({ oldStart, newStart, oldLines, lines }) => ({
    section: oldLines > 0 ? sectionAt(old, oldStart - 1) : sectionAt(next, newStart - 1),
    removed: marked(lines, "-"),
    added: marked(lines, "+"),
  }));
}

function marked(lines: readonly string[], mark: "-" | "+"): string[] {
  return lines.filter((line) => line.startsWith(mark)).map((line) => line.slice(1));
}

/** The kind of a YAML document, or the heading of an INI section or a TOML table. */
function sectionAt(lines: readonly string[], index: number): string {
  for (let i = Math.min(index, lines.length - 1); i >= 0; i--) {
    const line = lines[i]!;
    if (/^\[.+\]$/.test(line)) return i === index ? "" : line;
    const [, kind] = /^kind: (\w+)$/.exec(line) ?? [];
    if (kind !== undefined) return kind;
    if (line === "---") return "";
  }
  return "";
}
