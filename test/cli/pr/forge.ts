/** Stand-ins for a job: a scratch repository, and the comments API of GitHub or GitLab on this machine. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";

const root = resolve(__dirname, "../../..");

export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A git repository with this checkout as its installed package; commands run in it and see nothing of the user's own git. */
export class Repository {
  readonly folder = mkdtempSync(join(tmpdir(), "pr-"));

  constructor() {
    const bin = join(this.folder, "node_modules/.bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(join(root, "bin/dualstack.js"), join(bin, "dualstack"));
    this.write("package.json", "{}");
    this.write(".gitignore", "node_modules\njob\n");
  }

  write(file: string, text: string | undefined): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
  }

  async git(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(["git", ...args]);
    if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  async commit(files: Readonly<Record<string, string | undefined>>): Promise<string> {
    for (const [file, text] of Object.entries(files)) this.write(file, text);
    await this.git("add", "-A");
    await this.git("commit", "-q", "-m", "change");
    return this.git("rev-parse", "HEAD");
  }

  run([program = "", ...args]: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const who = { GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@example.org", GIT_COMMITTER_NAME: "a" };
    const quiet = { ...who, GIT_COMMITTER_EMAIL: "a@example.org", GIT_CONFIG_GLOBAL: "/dev/null", NO_COLOR: "1" };
    const inherited = { PATH: process.env.PATH ?? "", HOME: this.folder, GIT_CONFIG_NOSYSTEM: "1" };
    const child = spawn(program, args, { cwd: this.folder, env: { ...inherited, ...quiet, ...env } });
    const said = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => (said.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (said.stderr += text));
    return new Promise((done, fail) => {
      child.once("error", fail).once("close", (status) => done({ status: status ?? -1, ...said }));
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: string;
}

/** Keeps comments as both forges do: created by POST, changed by PATCH or PUT, listed in pages of 100. */
export class CommentsApi {
  readonly comments: { id: number; body: string }[] = [];
  readonly requests: Request[] = [];
  /** Answers everything with this status instead. */
  refuse: number | undefined;
  private readonly server = createServer((request, response) => {
    void read(request).then((text) => {
      const [status, answer] = this.answer(request, text);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
  }

  private answer({ method = "", url = "", headers }: IncomingMessage, text: string): [number, unknown] {
    const { pathname, searchParams } = new URL(url, "http://api");
    const body = text === "" ? "" : (JSON.parse(text).body as string);
    const token = headers.authorization ?? (headers["private-token"] as string | undefined);
    this.requests.push({ method, path: pathname, token, body });
    if (this.refuse !== undefined) return [this.refuse, { message: "Resource not accessible by integration" }];
    if (method === "GET") {
      const [size, page] = [Number(searchParams.get("per_page")), Number(searchParams.get("page"))];
      return [200, this.comments.slice(size * (page - 1), size * page)];
    }
    if (body.length > 65_536) return [422, { message: "Body is too long" }];
    if (method === "POST") {
      const made = { id: 1000 + this.comments.length, body };
      this.comments.push(made);
      return [201, made];
    }
    const old = this.comments.find(({ id }) => id === Number(pathname.split("/").at(-1)));
    if (old === undefined) return [404, { message: "Not Found" }];
    old.body = body;
    return [200, old];
  }
}

async function read(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

/** The `run:` steps of a workflow or the `script:` of a job, in order, with `${{ }}` filled in as the runner does. */
export function stepsOf(text: string, values: Readonly<Record<string, string>>): [string, Record<string, string>][] {
  const document = parse(text);
  const filled = (value: string) =>
    value.replace(/\$\{\{ *([^}]*?) *\}\}/g, (_, name) => {
      const known = values[name];
      if (known === undefined) throw new Error(`the workflow uses ${name}, which this test does not know`);
      return known;
    });
  if (document.jobs === undefined) {
    const jobs = Object.values(document) as { script: string[]; variables?: Record<string, string> }[];
    return jobs.flatMap(({ script, variables }) =>
      script.map((line): [string, Record<string, string>] => [line, { ...variables }]),
    );
  }
  const jobs = Object.values(document.jobs) as { steps: { run?: string; env?: Record<string, string> }[] }[];
  return jobs.flatMap(({ steps }) =>
    steps.flatMap(({ run, env = {} }): [string, Record<string, string>][] =>
      run === undefined
        ? []
        : [[filled(run), Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value)]))]],
    ),
  );
}
