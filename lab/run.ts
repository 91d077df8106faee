/** Programs that the lab starts: output collected, and an error that shows the command and the end of what it said. */
import { spawn } from "node:child_process";

/** How a program is started. */
export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** The name by which the program sees itself called. */
  readonly argv0?: string;
}

/** A program that could not be started or did not end with 0. */
export class CommandFailed extends Error {
  constructor(
    readonly command: string,
    readonly status: string,
    readonly output: string,
  ) {
    const tail = output.trim().split("\n").slice(-15).join("\n  ");
    super(`\`${command}\` ${status}${tail ? `:\n  ${tail}` : ""}`);
    this.name = "CommandFailed";
  }
}

/** Runs `program` to its end and gives its standard output without the last line break. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const command = [program, ...args].join(" ").slice(0, 300);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      argv0: options.argv0,
      env: { ...process.env, ...options.env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (error) => reject(new CommandFailed(command, `could not be started (${error.message})`, "")));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(stdout.replace(/\n$/, ""));
      else
        reject(
          new CommandFailed(command, code === null ? `was ended by ${signal}` : `ended with ${code}`, stderr || stdout),
        );
    });
    child.stdin.on("error", () => {}); // a program that ends without reading is judged by its exit code
    child.stdin.end(options.input ?? "");
  });
}

/** Whether `program` runs and ends with 0. */
export async function succeeds(program: string, args: readonly string[], options: RunOptions = {}): Promise<boolean> {
  return run(program, args, options).then(
    () => true,
    () => false,
  );
}
