/** `dualstack pr`: what a pull request does to each environment, as one comment for each. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { MOST_CHARACTERS } from "../plan/diff";
import { parseRange } from "./git";
import { commentOf, marker } from "./pr/body";
import { type Change, changeOf } from "./pr/environment";
import { FORGES, NowhereToPost, post } from "./pr/post";
import { type Running, runningOf } from "./pr/running";
import { environmentOf, specsOf } from "./specs";

interface Flags {
  readonly base: string;
  readonly head: string;
  readonly json?: true;
  readonly post?: string;
  readonly preview?: true;
  readonly drift?: true;
}

const CODES =
  "\nExit codes: 0 every changed spec is right and can be applied, 2 mistakes, or changes that a running cluster cannot take, 3 (with --preview) no preview could be made.";

export function registerPr(program: Command): void {
  program
    .command("pr")
    .description(
      "say in one comment per environment what a pull request does; without --preview it needs no secret and no host",
    )
    .argument("[folder]", "folder of the specs", "stacks")
    .requiredOption("--base <revision>", "the branch to merge into, such as origin/main")
    .option("--head <revision>", "the branch to be merged", "HEAD")
    .option("--json", "as JSON: environment, file, exit code, marker and body of each comment")
    .addOption(new Option("--post <forge>", "create or update the comments").choices(Object.keys(FORGES)))
    .option("--preview", "also what `pulumi preview` says of what is checked out; needs the state")
    .option("--drift", "with --preview: also what on the hosts is not as it was applied; needs SSH to them")
    .addHelpText("after", CODES)
    .action(async (folder: string, flags: Flags, command: Command) => {
      const range = parseRange(`${flags.base}...${flags.head}`);
      if (range === undefined) return command.error("error: --base and --head are each one revision");
      if (flags.drift && !flags.preview) return command.error("error: --drift belongs to --preview");
      if (flags.preview && command.getOptionValueSource("head") !== "default")
        return command.error("error: --preview looks at what is checked out: leave --head away");
      const today = new Date().toISOString().slice(0, 10);
      const changes = specsOf(folder, range.from, range.to).map((name) =>
        changeOf(range, environmentOf(name)!, join(folder, name), today),
      );
      const running: Running[] = [];
      if (flags.preview) for (const change of changes) running.push(await runningOf(change, flags.drift === true));
      const comments = changes.map((change, index) => ({
        change,
        marker: marker(change.environment),
        body: commentOf(change, running[index]?.text),
        // a remark in the file is no change
        create: change.exitCode > 0,
      }));
      const changed = comments.filter(({ create }) => create);
      process.stdout.write(flags.json ? toJson(changed) : changed.map(({ body }) => body).join("\n"));
      if (changed.length === 0 && !flags.json) process.stderr.write("no spec is changed\n");
      summarize(changed.map(({ body }) => body).join("\n"));
      if (flags.post !== undefined) await publish(flags.post, comments);
      const stop = changes.some(({ exitCode }) => exitCode === 2);
      process.exitCode = stop ? 2 : running.some(({ failed }) => failed) ? 3 : 0;
    });
}

type Made = { readonly change: Change; readonly marker: string; readonly body: string };

function toJson(made: readonly Made[]): string {
  const list = made.map(({ change: { environment, file, exitCode }, marker, body }) => ({
    environment,
    file,
    exitCode,
    marker,
    body,
  }));
  return `${JSON.stringify(list, null, 2)}\n`;
}

async function publish(forge: string, comments: Parameters<typeof post>[1]): Promise<void> {
  try {
    for (const line of await post(FORGES[forge]!(process.env), comments)) process.stderr.write(`${line}\n`);
  } catch (error) {
    if (!(error instanceof NowhereToPost)) throw error;
    process.stderr.write(`no comment is written: ${error.message}\n`);
  }
}

/** The page of a job on GitHub, which runs of forks can write, too. It takes 1 MiB. */
function summarize(text: string): void {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (file && text !== "") appendFileSync(file, text.slice(0, 15 * MOST_CHARACTERS));
}
