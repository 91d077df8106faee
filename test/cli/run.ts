/** A command through the command line parser, in this process. */
import { Command } from "commander";

/** Runs `args` with the command that `register` adds, and gives all that it wrote to both streams. */
export function runCommand(register: (program: Command) => void, ...args: string[]): string {
  let written = "";
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    jest.spyOn(process[stream], "write").mockImplementation((text) => {
      written += String(text);
      return true;
    }),
  );
  const program = new Command();
  register(program);
  program.parse(args, { from: "user" });
  for (const spy of spies) spy.mockRestore();
  return written;
}
