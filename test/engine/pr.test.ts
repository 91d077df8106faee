/** The workflow for a runner that reaches the state: its steps, in a scratch repository with a stack that runs, and a real engine. */
import { readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { CommentsApi, Repository, stepsOf } from "../cli/pr/forge";
import { Answering } from "../up/answering";
import { Project, specOf } from "../up/project";

const root = resolve(__dirname, "../..");
const repository = new Repository();
const project = new Project();
const api = new CommentsApi();
let hosts: Answering;
let env: Record<string, string>;

const spec = (change?: (text: string) => string) => hosts.reached(specOf(2, change));
const nftables = (text: string) => text.replace("mode: iptables", "mode: nftables");

beforeAll(async () => {
  hosts = await Answering.start(repository.folder, 2);
  for (const name of ["@pulumi", "typescript"]) {
    symlinkSync(join(root, "node_modules", name), join(repository.folder, "node_modules", name));
  }
  for (const file of ["Pulumi.yaml", "index.ts", "tsconfig.json"]) {
    repository.write(file, readFileSync(join(project.folder, file), "utf8"));
  }
  // what the job installs is installed
  repository.write("job/bin/npm", "#!/bin/sh\nexit 0\n");
  await repository.run(["chmod", "+x", "job/bin/npm"]);
  const pull_request = { head: { repo: { full_name: "example/clusters" } } };
  repository.write("job/event.json", JSON.stringify({ number: 7, pull_request }));
  env = {
    ...project.env,
    HOME: repository.folder,
    PATH: `${join(repository.folder, "job/bin")}:${project.env.PATH}`,
    GITHUB_API_URL: await api.start(),
    GITHUB_BASE_REF: "main",
    GITHUB_EVENT_PATH: join(repository.folder, "job/event.json"),
    GITHUB_REPOSITORY: "example/clusters",
  };
  await repository.git("init", "-q", "-b", "main");
  await repository.commit({ "stacks/prod.yaml": spec() });
  await repository.git("update-ref", "refs/remotes/origin/main", "main");
});
afterAll(async () => {
  api.stop();
  await hosts.close();
  repository.remove();
  project.remove();
});

/** Runs the steps of the job, and gives how the last one ended, and the comment. */
async function job(passphrase: string) {
  const workflow = readFileSync(join(root, "stacks/examples/ci/github-preview.yaml"), "utf8");
  const secrets = {
    "github.token": "job-token",
    "secrets.PULUMI_BACKEND_URL": project.env.PULUMI_BACKEND_URL!,
    "secrets.PULUMI_CONFIG_PASSPHRASE": passphrase,
  };
  let status = 0;
  for (const [step, own] of stepsOf(workflow, secrets)) {
    ({ status } = await repository.run(["bash", "-e", "-o", "pipefail", "-c", step], { ...env, ...own }));
  }
  return { status, comment: api.comments[0]?.body ?? "" };
}

test("the comment of a change says what pulumi preview does, and what of the hosts is known", async () => {
  const up = await repository.run(["npx", "dualstack", "up", "prod", "--yes"], env);
  expect([up.status, up.stdout]).toEqual([0, expect.stringContaining("prod is live")]);
  await repository.commit({ "stacks/prod.yaml": spec(nftables) });
  const { status, comment } = await job("test");
  expect([status, api.comments.length]).toEqual([0, 1]);
  expect(comment).toMatch(/^<!-- dualstack:prod -->\n\n## idle: 1 change in the spec; at most: restart/);
  expect(comment).toMatch(
    /<details><summary>pulumi preview agrees: \d steps on 2 hosts, \d other resources<\/summary>/,
  );
  expect(comment).toContain("update DaemonSet idle-daemonset-kube-flannel-kube-flannel-ds");
  // these hosts answer nothing that can be read
  expect(comment).toContain(
    "<details open><summary>drift: 0 of 2 hosts are as planned, 2 could not be asked</summary>",
  );
  // nothing was applied
  expect(project.hosts()).toEqual({ did: 6 });
});

test("a state that cannot be read fails the job, and the comment says so and keeps the diff", async () => {
  const { status, comment } = await job("another one");
  expect(status).toBe(3);
  expect(comment).toContain("## idle: 1 change in the spec");
  expect(comment).toContain("<summary>❌ no preview could be made</summary>");
});
