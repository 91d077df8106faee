/** The second half of `npm start`: `pulumi up` on the lab's hosts, then the proof and what can be tried. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import pc from "picocolors";
import { run as runQuietly } from "../lab/run";
import { Kubernetes } from "../live/kubernetes";
import { PROBE } from "../plan/checks";
import { hostPort, inOrder, loadSpec } from "../spec";
import { runVerify } from "./verify";

const STACK = "lab";
const SPEC = join("stacks", `${STACK}.yaml`);

/** What the lab gives: an environment in which plain `pulumi` commands work. */
export interface Surroundings {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Makes the cluster of the lab live and proven. Throws Error when `pulumi up` or a check fails. */
export async function bringUp({ root, env }: Surroundings): Promise<void> {
  const pulumi = (...args: string[]) => run(root, env, "pulumi", ...args);
  await pulumi("stack", "select", "--create", STACK, "--non-interactive");
  dropDeadLocks(join(root, ".lab/state/.pulumi/locks"));
  await pulumi("up", "--yes", "--skip-preview", "--stack", STACK, "--parallel", "64");
  const kubeconfig = join(root, ".lab", "kubeconfig");
  writeFileSync(
    kubeconfig,
    await runQuietly("pulumi", ["stack", "output", "kubeconfig", "--show-secrets", "--stack", STACK], {
      cwd: root,
      env,
    }),
    { mode: 0o600 },
  );
  await runVerify(join(root, SPEC), { kubeconfig, patience: 60 });
  if (process.exitCode) throw new Error("the cluster is up, but a check failed (see above)");
  process.stdout.write(await whatToTry(root, kubeconfig));
}

/** A run that was killed leaves its lock behind; those of living runs stay. The lab's own state is on this machine alone. */
function dropDeadLocks(folder: string): void {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  for (const file of files.map((name) => join(folder, name))) {
    const { pid } = JSON.parse(readFileSync(file, "utf8")) as { pid: number };
    if (!existsSync(`/proc/${pid}`)) rmSync(file);
  }
}

async function whatToTry(root: string, kubeconfig: string): Promise<string> {
  const { spec } = loadSpec(join(root, SPEC));
  const service = await new Kubernetes(readFileSync(kubeconfig, "utf8")).service(PROBE.namespace, PROBE.name);
  const port = service.spec?.ports?.[0]?.nodePort ?? 0;
  const urls = spec.hosts.flatMap(({ addresses }) =>
    inOrder(spec.network.families, addresses).map((address) => `http://${hostPort(address, port)}/`),
  );
  const here = relative(process.cwd(), kubeconfig);
  return [
    pc.bold("\nTry it from this machine:"),
    ...urls.map((url) => `  curl -g ${url}`),
    pc.bold("The cluster:"),
    `  kubectl --kubeconfig ${here} get nodes -o wide`,
    pc.bold("Plain Pulumi:"),
    '  eval "$(npx dualstack lab env)" && pulumi preview --stack lab --diff',
    pc.bold("Tear down:"),
    "  npx dualstack lab down\n",
  ].join("\n");
}

function run(cwd: string, env: Readonly<Record<string, string>>, command: string, ...args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", reject);
    child.once("close", (code, signal) =>
      code === 0
        ? resolve()
        : reject(
            new Error(
              `'${command} ${args.join(" ")}' ended with ${signal ?? `code ${code}`}; what it said is above. Run the same command again: what is done stays done`,
            ),
          ),
    );
  });
}
