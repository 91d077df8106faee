/** `dualstack diff OLD NEW`, `dualstack diff A...B SPEC`: what a change does to a running cluster. No state, hosts or secrets. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import pc from "picocolors";
import { Files } from "../live/upstream";
import { type Diff, diffSpecs, exitCode, renderHtml, renderMarkdown, renderText, toJson } from "../plan/diff";
import { type ClusterSpec, parseSpec, readSpecText, SpecError, UNPINNED, withMirror } from "../spec";
import { parseRange, showFile } from "./git";

const FORMATS: { readonly [name: string]: (diff: Diff) => string } = {
  text: (diff) => renderText(diff, pc),
  markdown: renderMarkdown,
  json: toJson,
  html: renderHtml,
};

export function registerDiff(program: Command): void {
  program
    .command("diff")
    .description("say what a change of a spec does to a running cluster, without state, hosts or secrets")
    .argument(
      "<old>",
      "YAML file of the running cluster, or two git revisions: main...HEAD (since they parted) or A..B",
    )
    .argument("<new>", "YAML file that is wanted; with revisions: the file to look at in both")
    .option("--json", "as JSON (docs/diff.schema.json)")
    .option("--markdown", "as Markdown for a comment, under 60,000 characters")
    .option("--html", "as one page")
    .addHelpText(
      "after",
      "\nExit codes: 0 nothing changed, 1 something did, 2 a running cluster cannot take a change, or a spec has mistakes.",
    )
    .action((old: string, wanted: string, options: { readonly [format: string]: true }, command: Command) => {
      const formats = Object.keys(options);
      if (formats.length > 1) command.error(`error: --${formats.join(" and --")}: choose one`);
      try {
        const diff = compare(old, wanted);
        process.stdout.write(FORMATS[formats[0] ?? "text"]!(diff));
        process.exitCode = exitCode(diff);
      } catch (error) {
        if (error instanceof SpecError || process.env.DUALSTACK_DEBUG) throw error;
        // with exit code 2: 1 would say that there are changes
        command.error(`error: ${(error as Error).message}`);
      }
    });
}

function compare(old: string, file: string): Diff {
  const range = existsSync(old) ? undefined : parseRange(old);
  if (range === undefined) return diff(read(readSpecText(old), old), withMirror(read(readSpecText(file), file), file));
  const [before, after] = [showFile(range.from, file), showFile(range.to, file)];
  if (after === undefined) {
    const gone = before === undefined ? `there is no ${file} in either` : `${file} is gone`;
    throw new Error(`${old}: ${gone}; a cluster without a spec runs on until 'pulumi destroy' with the old one`);
  }
  const wanted = withMirror(read(after, `${range.to.slice(0, 12)}:${file}`), file);
  return diff(before === undefined ? undefined : read(before, `${range.from.slice(0, 12)}:${file}`), wanted);
}

function diff(old: ClusterSpec | undefined, wanted: ClusterSpec): Diff {
  return diffSpecs(old, wanted, new Files(wanted.mirror));
}

function read(text: string, file: string): ClusterSpec {
  return parseSpec(text, { file, placeholderKey: UNPINNED }).spec;
}
