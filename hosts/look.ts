/** Questions to a host and their answers: one constant script that only reads, and plain lines in both directions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A kind and its arguments, as `look.sh` knows them: `file /etc/hostname`, `addresses`. */
export type Question = string;

let text: string | undefined;

/** What goes to standard input of `bash -s look`: the script, then the questions. Throws Error for a question of more than a line. */
export function printQuestions(questions: readonly Question[]): string {
  const broken = questions.find((question) => /[\n\r]/.test(question));
  if (broken !== undefined) throw new Error(`a question has a line break: ${JSON.stringify(broken)}`);
  text ??= readFileSync(join(__dirname, "scripts", "look.sh"), "utf8")
    .split("\n")
    .filter((line) => !/^\s*(#.*)?$/.test(line))
    .join("\n");
  return `${text}\nmain; exit\n${[...new Set(questions)].join("\n")}\nask\n`;
}

/** What a host answered. */
export class Answers {
  private constructor(
    /** The host's own clock when it began and when it ended, in seconds. */
    readonly start: number,
    readonly end: number,
    private readonly lines: ReadonlyMap<Question, readonly string[]>,
  ) {}

  /** Reads what the script printed. Throws Error when it did not come to its end. */
  static parse(printed: string): Answers {
    const lines = new Map<Question, string[]>();
    let [start, end] = [Number.NaN, Number.NaN];
    let answer: string[] = [];
    for (const line of printed.split("\n")) {
      const [, word, seconds] = /^(start|end) ([\d.]+)$/.exec(line) ?? [];
      if (line.startsWith("  ")) answer.push(line.slice(2));
      else if (word === "start") start = Number(seconds);
      else if (word === "end") end = Number(seconds);
      else if (line !== "") {
        answer = [];
        lines.set(line, answer);
      }
    }
    if (Number.isNaN(start) || Number.isNaN(end)) {
      throw new Error(
        "the host's answer is cut off; run it again, and look whether bash, timeout and coreutils are there",
      );
    }
    return new Answers(start, end, lines);
  }

  /** The lines of an answer; empty when the host could not say. Throws Error for a question that was not asked. */
  of(question: Question): readonly string[] {
    const found = this.lines.get(question);
    if (found === undefined) throw new Error(`the host was not asked: ${question}`);
    return found;
  }
}
