/**
 * Pull requests: the steps of the example workflows, run in order in a scratch repository against a comments API on this
 * machine.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CommentsApi, type Ended, Repository, stepsOf } from "./forge";

jest.setTimeout(60_000);
const root = resolve(__dirname, "../../..");
const pair = (name: string, side: "old" | "new") =>
  readFileSync(join(root, "test/plan/diff", name, `${side}.yaml`), "utf8");
const workflow = readFileSync(join(root, "stacks/examples/ci/github.yaml"), "utf8");
const job = readFileSync(join(root, "stacks/examples/ci/gitlab.yaml"), "utf8");

const repository = new Repository();
const api = new CommentsApi();
let url: string;

beforeAll(async () => {
  url = await api.start();
  // what the job installs is installed
  repository.write("job/bin/npm", "#!/bin/sh\nexit 0\n");
  await repository.run(["chmod", "+x", "job/bin/npm"]);
  await repository.git("init", "-q", "-b", "main");
  await repository.commit({
    "stacks/prod.yaml": pair("kube-proxy-mode", "old"),
    "stacks/stage.yaml": pair("mtu-changed", "old"),
    "stacks/Pulumi.prod.yaml": "encryptionsalt: x\n",
    "stacks/examples/other.yaml": "not: a spec of an environment\n",
  });
  await repository.git("update-ref", "refs/remotes/origin/main", "main");
});
afterAll(() => {
  api.stop();
  repository.remove();
});
beforeEach(async () => {
  api.comments.length = 0;
  api.requests.length = 0;
  api.refuse = undefined;
  await repository.git("checkout", "-q", "-B", "change", "main");
});

async function runSteps(steps: ReturnType<typeof stepsOf>, env: Record<string, string>): Promise<Ended> {
  const path = `${join(repository.folder, "job/bin")}:${process.env.PATH}`;
  let last: Ended = { status: -1, stdout: "", stderr: "no step" };
  for (const [step, own] of steps) {
    last = await repository.run(["bash", "-e", "-o", "pipefail", "-c", step], { ...env, ...own, PATH: path });
    if (last.status !== 0) return last;
  }
  return last;
}

/** A run of the GitHub workflow; `head` is where the branch comes from. */
async function onGithub(head = "example/clusters"): Promise<Ended & { readonly page: string }> {
  repository.write(
    "job/event.json",
    JSON.stringify({ number: 7, pull_request: { head: { repo: { full_name: head } } } }),
  );
  repository.write("job/page.md", "");
  const file = (name: string) => join(repository.folder, "job", name);
  const ended = await runSteps(stepsOf(workflow, { "github.token": "job-token" }), {
    GITHUB_API_URL: url,
    GITHUB_BASE_REF: "main",
    GITHUB_EVENT_PATH: file("event.json"),
    GITHUB_REPOSITORY: "example/clusters",
    GITHUB_STEP_SUMMARY: file("page.md"),
  });
  return { ...ended, page: readFileSync(file("page.md"), "utf8") };
}

test("one comment for each changed environment, and the next run updates it", async () => {
  await repository.commit({ "stacks/prod.yaml": pair("kube-proxy-mode", "new") });
  const first = await onGithub();
  expect([first.status, first.stderr]).toEqual([0, expect.stringContaining("comment written")]);
  expect(api.comments).toEqual([
    {
      id: 1000,
      body: expect.stringMatching(/^<!-- dualstack:prod -->\n\n## prod: 1 change in the spec; at most: restart/),
    },
  ]);
  expect(first.stdout.trim()).toBe(api.comments[0]!.body.trim());
  expect(new Set(api.requests.map(({ token }) => token))).toEqual(new Set(["Bearer job-token"]));
  expect(api.requests.at(-1)!.path).toBe("/repos/example/clusters/issues/7/comments");

  await repository.commit({ "stacks/prod.yaml": pair("kube-proxy-node-ports", "new") });
  // other people's comments, more than a page of them
  for (let id = 0; id < 130; id++) api.comments.unshift({ id, body: `I quote: <!-- dualstack:prod --> ${id}` });
  expect((await onGithub()).status).toBe(0);
  expect(api.comments).toHaveLength(131);
  expect(api.comments.find(({ id }) => id === 1000)!.body).toContain("kubeProxy.nodePorts");

  api.requests.length = 0;
  expect((await onGithub()).status).toBe(0);
  expect(api.requests.filter(({ method }) => method !== "GET")).toEqual([]);

  await repository.commit({ "stacks/prod.yaml": pair("kube-proxy-mode", "old") });
  const back = await onGithub();
  expect([back.status, back.stdout, back.stderr]).toEqual([0, "", expect.stringContaining("no spec is changed")]);
  expect(api.comments.find(({ id }) => id === 1000)!.body).toContain("## prod: no change");
});

test("a fork has no secret and no right to write: the same is on the page of the run", async () => {
  await repository.commit({ "stacks/prod.yaml": pair("kube-proxy-mode", "new") });
  const { status, stderr, page } = await onGithub("somebody/clusters");
  expect([status, stderr]).toEqual([0, expect.stringContaining("from a fork")]);
  expect(api.requests).toEqual([]);
  expect(page).toMatch(/^<!-- dualstack:prod -->\n\n## prod: 1 change/);
});

test("a refused change and mistakes fail the run, and the comments say why", async () => {
  await repository.commit({
    "stacks/prod.yaml": pair("order-flipped", "new"),
    "stacks/stage.yaml": pair("mtu-changed", "old").replace("role: worker", "role: wroker"),
  });
  expect((await onGithub()).status).toBe(2);
  const [prod, stage] = api.comments.map(({ body }) => body);
  expect(prod).toContain("### ⛔ Refused");
  expect(stage).toMatch(/## stage: stacks\/stage.yaml has mistakes\n\n<details open><summary>❌ \d to mend/);
  expect(stage).toContain("did you mean worker?");
});

test("specs that come and go, and a comment that changes nothing", async () => {
  await repository.commit({
    "stacks/more.yaml": pair("new-environment", "new"),
    "stacks/prod.yaml": undefined,
    "stacks/stage.yaml": `# a remark\n${pair("mtu-changed", "old")}`,
  });
  expect((await onGithub()).status).toBe(0);
  const bodies = api.comments.map(({ body }) => body.split("\n").slice(0, 3).join("\n"));
  expect(bodies).toEqual([
    "<!-- dualstack:more -->\n\n## prod: a new cluster of 3 hosts",
    "<!-- dualstack:prod -->\n\n## prod: its spec is removed",
  ]);
});

test("the comment of a thousand hosts that each change in a way of their own is short enough", async () => {
  const spec = (mtu: (n: number) => string) =>
    `name: big\nkubeProxy: {mode: iptables}\nnetwork: {families: [ipv4], pods: {ipv4: 10.128.0.0/11}}\nhosts:\n${Array.from(
      { length: 1000 },
      (_, n) =>
        `  - {name: w-${n}, role: ${n === 0 ? "control-plane" : "worker"}, interfaces: [{name: eth0, ${mtu(n)}ipv4: {address: 172.20.${n >> 7}.${(n & 127) + 1}/16}}]}\n`,
    ).join("")}`;
  const base = await repository.commit({ "stacks/big.yaml": spec(() => "") });
  await repository.commit({ "stacks/big.yaml": spec((n) => `mtu: ${1300 + n}, `) });
  const { status, stdout } = await repository.run(["npx", "dualstack", "pr", "--base", base, "--json"]);
  expect(status).toBe(0);
  const [comment] = JSON.parse(stdout);
  expect(comment).toMatchObject({ environment: "big", file: "stacks/big.yaml", exitCode: 1 });
  expect(comment.body.length).toBeLessThan(60_000);
  expect(comment.body).toContain("1000 changes in the spec");
});

test("GitLab: the job posts a note, updates it, and says why it cannot without a token", async () => {
  const base = await repository.git("rev-parse", "main");
  await repository.commit({ "stacks/prod.yaml": pair("kube-proxy-mode", "new") });
  const env = {
    CI_API_V4_URL: `${url}/api/v4`,
    CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
    CI_MERGE_REQUEST_IID: "3",
    CI_MERGE_REQUEST_PROJECT_ID: "12",
  };
  const bare = await runSteps(stepsOf(job, {}), env);
  expect([bare.status, bare.stderr]).toEqual([0, expect.stringContaining("there is no GITLAB_TOKEN")]);
  expect(bare.stdout).toContain("## prod: 1 change");
  for (const name of ["kube-proxy-mode", "order-flipped"]) {
    await repository.commit({ "stacks/prod.yaml": pair(name, "new") });
    const { status } = await runSteps(stepsOf(job, {}), { ...env, GITLAB_TOKEN: "project-token" });
    expect(status).toBe(name === "order-flipped" ? 2 : 0);
  }
  expect(api.comments).toEqual([{ id: 1000, body: expect.stringContaining("⛔ Refused") }]);
  const last = api.requests.at(-1)!;
  expect([last.path, last.token]).toEqual(["/api/v4/projects/12/merge_requests/3/notes/1000", "project-token"]);
});

test("an API that refuses fails the run, with what to look at", async () => {
  await repository.commit({ "stacks/prod.yaml": pair("kube-proxy-mode", "new") });
  api.refuse = 403;
  const { status, stderr } = await onGithub();
  expect([status, stderr]).toEqual([1, expect.stringContaining("pull-requests: write")]);
  expect(stderr).not.toContain("job-token");
});
