/** `dualstack diff` as people and pipelines call it: files, git revisions, formats, exit codes. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const pairs = join(__dirname, "diff");
const text = (name: string, side: "old" | "new") => readFileSync(join(pairs, name, `${side}.yaml`), "utf8");
let folder: string;

function run(command: string, ...args: string[]) {
  const none = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null", NO_COLOR: "1" };
  const by = ["AUTHOR", "COMMITTER"].flatMap((who) => [
    [`GIT_${who}_NAME`, "a"],
    [`GIT_${who}_EMAIL`, "a@example.org"],
  ]);
  const env = { ...process.env, ...none, ...Object.fromEntries(by) };
  for (const inherited of ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "FORCE_COLOR"]) delete env[inherited];
  return spawnSync(command, args, { cwd: folder, encoding: "utf8", env });
}
const diff = (...args: string[]) => run(process.execPath, join(__dirname, "../../bin/dualstack.js"), "diff", ...args);

function git(...args: string[]): void {
  const { status, stderr } = run("git", ...args);
  if (status !== 0) throw new Error(stderr);
}

function commit(file: string, content: string): void {
  mkdirSync(join(folder, "stacks"), { recursive: true });
  writeFileSync(join(folder, file), content);
  git("add", file);
  git("commit", "-q", "-m", file);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "diff-"));
  git("init", "-q", "-b", "main");
  commit("stacks/prod.yaml", text("kube-proxy-mode", "old"));
  git("checkout", "-q", "-b", "change");
  commit("stacks/prod.yaml", text("kube-proxy-mode", "new"));
  commit("stacks/more.yaml", text("new-environment", "new"));
  git("checkout", "-q", "main");
  commit("stacks/prod.yaml", text("mtu-changed", "new"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("two revisions: what a branch changes, without what happened on the other side meanwhile", () => {
  const { status, stdout } = diff("main...change", "stacks/prod.yaml");
  expect([status, stdout]).toEqual([1, readFileSync(join(pairs, "kube-proxy-mode/expected.txt"), "utf8").slice(13)]);
  const both = diff("main..change", "stacks/prod.yaml", "--json");
  expect(JSON.parse(both.stdout).fields.map(({ path }: { path: string }) => path)).toEqual([
    "kubeProxy.mode",
    "hosts[].interfaces[eth0].mtu",
  ]);
});

test("a spec that is new in a branch is a new cluster; one that is gone is a mistake", () => {
  expect(diff("main...change", "stacks/more.yaml")).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^prod: a new cluster of 3 hosts/),
  });
  const gone = diff("change..main", "stacks/more.yaml");
  expect([gone.status, gone.stderr]).toEqual([2, expect.stringContaining("more.yaml is gone")]);
});

test.each([
  ["a revision that is not there", ["main...nowhere", "stacks/prod.yaml"], "nowhere"],
  ["what looks like an option of git", ["--output=x...main", "stacks/prod.yaml"], "unknown option"],
  ["the same, past the options", ["--", "--output=x...main", "stacks/prod.yaml"], "rev-parse"],
  ["a file that is not there", ["old.yaml", "stacks/prod.yaml"], "no such file"],
  ["two formats", ["stacks/prod.yaml", "stacks/prod.yaml", "--json", "--html"], "choose one"],
])("%s ends with 2, and says so", (_, args, said) => {
  const { status, stdout, stderr } = diff(...args);
  expect([status, stdout, stderr]).toEqual([2, "", expect.stringContaining(said)]);
});

test("files: 0 without a change, 2 with a refused one", () => {
  writeFileSync(join(folder, "old.yaml"), text("order-flipped", "old"));
  writeFileSync(join(folder, "new.yaml"), text("order-flipped", "new"));
  expect(diff("old.yaml", "old.yaml")).toMatchObject({ status: 0, stdout: "prod: no change\n", stderr: "" });
  expect(diff("old.yaml", "new.yaml", "--markdown")).toMatchObject({
    status: 2,
    stdout: expect.stringMatching(/^## prod: /),
  });
});
