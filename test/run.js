/**
 * `npm test`: every tier of tests, and at the end one line with the sum. A tier that cannot run is a failure, and a red one stops no
 * other. What only computes comes first and alone; labs and engines follow, `LANES` at a time.
 */
const { spawn } = require("node:child_process");
const { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const root = join(__dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "dualstack-test-"));
const sum = { passed: 0, failed: 0, skipped: 0 };
const say = (text) => process.stdout.write(`${text}\n`);

/** Runs a program to its end; its output is shown as it comes, or in one piece where others run beside it. */
async function run(title, [command, ...args], { env = process.env, beside = false } = {}) {
  say(`\n=== ${title}${beside ? ": begins" : ""}`);
  const started = Date.now();
  const child = spawn(command, args, {
    cwd: root,
    env,
    stdio: ["ignore", beside ? "pipe" : "inherit", beside ? "pipe" : "inherit"],
  });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => output.push(data));
  const ended = await new Promise((done) => {
    child.once("error", ({ message }) => done(message));
    child.once("close", (code) => done(code));
  });
  if (beside) process.stdout.write(Buffer.concat(output));
  if (typeof ended === "string") say(ended);
  say(`=== ${title}: ${ended === 0 ? "done" : "FAILED"} after ${Math.round((Date.now() - started) / 1000)} s`);
  return ended === 0;
}

/** A check that either holds or not counts as one test. */
async function check(title, ...args) {
  sum[(await run(title, ["npx", ...args])) ? "passed" : "failed"]++;
}

let runs = 0;

async function jest(title, args, options) {
  const file = join(folder, `${runs++}.json`);
  const ok = await run(title, ["npx", "jest", "--json", `--outputFile=${file}`, ...args], options);
  let counts;
  try {
    counts = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    sum.failed++;
    return;
  }
  sum.passed += counts.numPassedTests;
  sum.skipped += counts.numPendingTests + counts.numTodoTests;
  // a suite that did not even load has no tests to count
  const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  sum.failed += failed > 0 || ok ? failed : 1;
}

/** The Pulumi CLI, the plugins and the cluster of the lab, for the tests that need a real engine or API server. */
function labEnvironment() {
  return new Promise((done) => {
    const child = spawn("node", ["bin/dualstack.js", "lab", "env"], { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (data) => (text += data));
    child.once("close", () => {
      const pairs = [...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]);
      const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_OPTION_CONFIG_FILE, ...found } =
        Object.fromEntries(pairs);
      done({ ...process.env, ...found, DUALSTACK_TEST_KUBECONFIG: join(root, ".lab/lab/kubeconfig") });
    });
  });
}

/** How many labs and engines run at a time: two keep 2 cores busy, since each waits a good deal for its cluster. */
const LANES = 2;

/** The tests that ask the API server of the standard lab; of the same project are those that need an engine only. */
const CLUSTER = "test/contract/(kubernetes|manifests|node-services|rollout|services)\\.";
/** Files of labs that are not the standard one, the longest first; those in one row share a lab. What is not named here comes before. */
const LONGEST_FIRST = [
  ["8-machines"],
  ["9-planes"],
  ["9-way-in"],
  ["9-upgrade"],
  ["8-safe-change", "8-firewalls"],
  ["9-cilium"],
  ["9-families"],
  ["kind-up"],
  ["8-back-ends"],
];

/** What can run side by side: each with the ones that have to be done before. */
function tiers() {
  const lab = (title, files, after = []) => ({
    title,
    after,
    work: () =>
      jest(
        title,
        ["--runInBand", "--selectProjects", "lab", "--testPathPatterns", `test/lab/(${files.join("|")})\\.test`],
        { beside: true },
      ),
  });
  const engine = (title, files, after) => ({
    title,
    after,
    work: async () =>
      jest(title, ["--runInBand", "--selectProjects", "engine", ...files], {
        env: await labEnvironment(),
        beside: true,
      }),
  });
  const [up, engines, contracts, down] = [
    "lab: from bare hosts to a live, proven cluster",
    "engine, and contracts with it",
    "contracts with an API server",
    "lab: faults, kills, and back to bare hosts",
  ];
  const all = readdirSync(join(__dirname, "lab"))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => file.replace(".test.ts", ""));
  const own = all.filter((file) => !/^[1-7]-/.test(file));
  const named = LONGEST_FIRST.map((files) => files.filter((file) => own.includes(file)));
  const others = own.filter((file) => !LONGEST_FIRST.flat().includes(file)).map((file) => [file]);
  return [
    lab(up, ["[123]-.*"]),
    ...[...others, ...named].map((files) => lab(`lab: ${files.join(", ")}`, files)),
    engine(engines, ["--testPathIgnorePatterns", CLUSTER], [up]),
    engine(contracts, ["--testPathPatterns", CLUSTER], [up]),
    lab(down, ["[4-7]-.*"], [up, engines, contracts]),
    {
      title: "pages in a real browser",
      after: [],
      work: () => jest("pages in a real browser", ["--selectProjects", "browser"], { beside: true }),
    },
  ];
}

/** Runs them, `LANES` at a time, each as soon as those before it are done: first the standard lab's, which build on one another. */
async function sideBySide(waiting) {
  const done = new Set();
  const running = new Set();
  const begins = ({ title, work }) => {
    const ended = work().then(() => {
      done.add(title);
      running.delete(ended);
    });
    running.add(ended);
  };
  while (waiting.length > 0 || running.size > 0) {
    const ready = waiting.filter(({ after }) => after.every((title) => done.has(title)));
    // what something else had to wait for is urgent: the longest row of them decides when all is done
    const next = ready.find(({ after }) => after.length > 0) ?? ready[0];
    if (next !== undefined && running.size < LANES) begins(waiting.splice(waiting.indexOf(next), 1)[0]);
    else await Promise.race(running);
  }
}

async function main() {
  // tsconfig.json skips the check, so that `pulumi up` starts in a second and not in a minute
  await check("types", "tsc", "-p", ".", "--noCheck", "false");
  await check("lint and format", "biome", "check", "--error-on-warnings");
  if (!process.argv.includes("--hermetic")) {
    const file = join(folder, "path");
    await check("programs of tests", "tsx", "test/programs.ts", file);
    if (existsSync(file)) process.env.PATH = readFileSync(file, "utf8") + process.env.PATH;
  }
  await jest("hermetic tests", ["--selectProjects", "hermetic", "--maxWorkers=100%"]);
  if (!process.argv.includes("--hermetic")) await sideBySide(tiers());
  rmSync(folder, { recursive: true, force: true });
  say(`\n${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}`);
  process.exitCode = sum.failed > 0 ? 1 : 0;
}

main();
