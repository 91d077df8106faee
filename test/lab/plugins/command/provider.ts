/** `command:remote:Command` and `command:local:Command`: a command per life-cycle step, run over SSH or here. */
import { randomBytes } from "node:crypto";
import { differences } from "../engine/diff";
import type { Log } from "../engine/log";
import type { Difference, Limits, Plugin, Stored, Subject } from "../engine/plugin";
import { type Props, revealProps, unknown } from "../engine/wire";
import { type CommandInputs, check } from "./inputs";
import { checkLocal, LOCAL, runLocal } from "./local";
import { type Printed, run } from "./run";

const nothing: Printed = { stdout: "", stderr: "" };

export class CommandPlugin implements Plugin {
  readonly version = "1.2.1";

  constructor(private readonly log: Log) {}

  diffConfig = (): Difference => ({ changes: [], replaces: [] });
  configure(): void {}

  check({ type }: Subject, _olds: Props, news: Props) {
    if (type === LOCAL) return checkLocal(news);
    if (type !== "command:remote:Command")
      throw new Error(`this double serves ${LOCAL} and its remote twin, not ${type}`);
    return check(news);
  }

  /** Every changed input is a change; changed triggers are a new resource, even where `update` is given. */
  diff(stored: Stored, news: Props): Difference {
    const changes = differences(stored.inputs, news);
    const replaces = changes.map(({ path }) => path).filter((path) => /^triggers(\[|$)/.test(path));
    return { changes, replaces };
  }

  async create(subject: Subject, inputs: Props, preview: boolean, limits: Limits) {
    const id = `${subject.name}${randomBytes(4).toString("hex")}`;
    const command = inputsOf(inputs).create;
    if (preview) return { id, state: state(inputs, { stdout: unknown, stderr: unknown }) };
    const printed = await this.run(subject, command, inputs, nothing, limits);
    return { id, state: state(inputs, printed) };
  }

  /** What ran on a host cannot be read back. */
  async read({ inputs, state }: Stored) {
    return { inputs, state };
  }

  async update(stored: Stored, news: Props, preview: boolean, limits: Limits) {
    if (preview) return state(news, { stdout: unknown, stderr: unknown });
    const { update, create } = inputsOf(news);
    return state(news, await this.run(stored, update ?? create, news, printedBefore(stored), limits));
  }

  /** Runs with the inputs of the last successful run, whatever the program says today. */
  async delete(stored: Stored, limits: Limits) {
    await this.run(stored, inputsOf(stored.state).delete, stored.state, printedBefore(stored), limits);
  }

  private async run(
    { urn, type }: Subject,
    command: string | undefined,
    inputs: Props,
    before: Printed,
    limits: Limits,
  ) {
    if (command === undefined) return before;
    const by = type === LOCAL ? runLocal : run;
    return by(command, inputsOf(inputs), before, (line) => this.log(urn, line, "status"), limits.cancelled);
  }
}

const inputsOf = (props: Props): CommandInputs => revealProps(props) as unknown as CommandInputs;

const printedBefore = ({ state }: Stored): Printed => ({ ...nothing, ...(revealProps(state) as unknown as Printed) });

/** All inputs, with their secret marks, and what the command printed. */
const state = (inputs: Props, { stdout, stderr }: Printed): Props => ({ ...inputs, stdout, stderr });
