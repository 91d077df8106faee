/**
 * A double of both providers without hosts and cluster: everything "runs" at once, for tests and measures of what is around it. What a
 * host would remember is a file in the folder DUALSTACK_IDLE; the line that it adds to `log` there says whether there was anything to do.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "../engine/diff";
import { engineLog, type Log } from "../engine/log";
import type { Limits, Plugin, Stored, Subject } from "../engine/plugin";
import { serve } from "../engine/serve";
import { type Props, reveal, secret, unknown } from "../engine/wire";

const folder = process.env.DUALSTACK_IDLE ?? "";
/** Resources that fail, and how many milliseconds a step takes. */
const failing = new RegExp(process.env.DUALSTACK_IDLE_FAIL || "^$");
const duration = Number(process.env.DUALSTACK_IDLE_MS ?? 0);

class IdlePlugin implements Plugin {
  readonly version = "1.2.1";
  constructor(private readonly log: Log) {}

  diffConfig = () => ({ changes: [], replaces: [] });
  configure(): void {}
  check = (_: Subject, _olds: Props, { connection, ...inputs }: Props) => ({
    inputs: { ...inputs, ...(connection === undefined ? {} : { connection: secret(reveal(connection)) }) },
    failures: [],
  });
  diff = (stored: Stored, news: Props) => ({ changes: differences(stored.inputs, news), replaces: [] });
  read = async ({ inputs, state }: Stored) => ({ inputs, state });

  async create(subject: Subject, inputs: Props, preview: boolean, _: Limits) {
    return { id: subject.name, state: { ...inputs, ...(await this.apply(subject, inputs, preview)) } };
  }

  async update(stored: Stored, news: Props, preview: boolean) {
    return { ...news, ...(await this.apply(stored, news, preview)) };
  }

  async delete({ urn, name }: Stored) {
    await this.work(urn, name, "removed");
    appendFileSync(
      join(folder, "log"),
      `${existsSync(join(folder, name)) ? "removed" : "nothing to remove"} ${name}\n`,
    );
    rmSync(join(folder, name), { force: true });
  }

  private async apply({ urn, name }: Subject, inputs: Props, preview: boolean) {
    if (preview) return { stdout: unknown, stderr: unknown };
    const document = String(inputs.stdin ?? JSON.stringify(inputs));
    await this.work(urn, name, "working");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, name);
    const same = existsSync(file) && readFileSync(file, "utf8") === document;
    if (!same) writeFileSync(file, document);
    appendFileSync(join(folder, "log"), `${same ? "same" : "did"} ${name}\n`);
    return { stdout: /^set role init$/m.test(document) ? kubeconfig() : "", stderr: "" };
  }

  private async work(urn: string, name: string, what: string): Promise<void> {
    if (duration > 0) await this.log(urn, `dualstack: ${name}: ${what}`, "status");
    await new Promise((done) => setTimeout(done, duration));
    if (failing.test(name)) throw new Error(`dualstack: ${name}: error: this step fails`);
  }
}

function kubeconfig(): string {
  const authority = readFileSync(process.env.DUALSTACK_IDLE_CA ?? "").toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "a",
    clusters: [{ name: "a", cluster: { server: "https://10.0.0.11:6443", "certificate-authority-data": authority } }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    users: [{ name: "a", user: { token: "canary-token" } }],
  });
}

void serve(new IdlePlugin(engineLog(process.argv[2])));
