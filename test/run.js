// `npm test`: every tier, one after the other, and at the end one line with the sum. A tier that cannot run is a failure.
const { spawnSync } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

const root = join(__dirname, "..");
let env = process.env;
const folder = mkdtempSync(join(tmpdir(), "dualstack-test-"));
const sum = { passed: 0, failed: 0, skipped: 0 };

function run(title, command, args) {
  process.stdout.write(`\n=== ${title}\n`);
  const started = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ["ignore", "inherit", "inherit"] });
  if (error) process.stdout.write(`${error.message}\n`);
  process.stdout.write(
    `=== ${title}: ${status === 0 ? "done" : "FAILED"} after ${Math.round((Date.now() - started) / 1000)} s\n`,
  );
  return status === 0;
}

/** A check that either holds or not counts as one test. */
function check(title, args) {
  sum[run(title, "npx", args) ? "passed" : "failed"]++;
}

/** What shares a lab or an engine runs one file after the other. */
function jest(title, args, together = ["--runInBand"]) {
  const file = join(folder, `${Object.values(sum).join("-")}.json`);
  const ok = run(title, "npx", ["jest", ...together, "--json", `--outputFile=${file}`, ...args]);
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
  const { stdout } = spawnSync("node", ["bin/dualstack.js", "lab", "env"], { cwd: root, encoding: "utf8" });
  const pairs = [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]);
  const { PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PULUMI_OPTION_CONFIG_FILE, ...found } =
    Object.fromEntries(pairs);
  return { ...process.env, ...found, DUALSTACK_TEST_KUBECONFIG: join(root, ".lab/lab/kubeconfig") };
}

// tsconfig.json skips the check, so that `pulumi up` starts in a second and not in a minute
check("types", ["tsc", "-p", ".", "--noCheck", "false"]);
check("lint and format", ["biome", "check", "--error-on-warnings"]);
jest("hermetic tests", ["--selectProjects", "hermetic"], ["--maxWorkers=100%"]);
if (!process.argv.includes("--hermetic")) {
  jest("pages in a real browser", ["--selectProjects", "browser"]);
  const lab = (title, files) => jest(title, ["--selectProjects", "lab", "--testPathPatterns", `test/lab/${files}[-.]`]);
  lab("lab: from bare hosts to a live, proven cluster", "[123]");
  env = labEnvironment();
  jest("engine and contract tests", ["--selectProjects", "engine"]);
  env = process.env;
  lab("lab: faults, kills, and back to bare hosts", "[4567]");
  lab("lab: changes of the network that lock nobody out, every back end, firewalls", "8-(safe|back|firewalls)");
  lab(
    "lab: clusters of other families, of three control planes, with Cilium, the way in, upgrades",
    "9-(families|planes|cilium|way-in|upgrade)",
  );
  lab("lab: a cluster in kind", "kind");
}
rmSync(folder, { recursive: true, force: true });
process.stdout.write(
  `\n${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ""}\n`,
);
process.exitCode = sum.failed > 0 ? 1 : 0;
