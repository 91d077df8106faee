/** A question on a terminal. */
import { createInterface } from "node:readline/promises";

/** Whether the answer is yes. Throws Error where nobody can answer. */
export async function ask(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error("there is no terminal to ask on: say --yes");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
