/** A diff for programs: docs/diff.schema.json describes it. */
import { type Diff, exitCode } from "./diff";

export function toJson(diff: Diff): string {
  return `${JSON.stringify({ schema: 1, exitCode: exitCode(diff), ...diff }, null, 2)}\n`;
}
