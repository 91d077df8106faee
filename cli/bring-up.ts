/** The second half of `dualstack lab up`: `pulumi up` on the lab's hosts, then the proof and what can be tried. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import pc from "picocolors";
import { CHECKOUT, type Home, LAB_SPEC } from "../lab";
import { run as runQuietly } from "../lab/run";
import { locateNodes } from "../live/kind";
import { Kubernetes } from "../live/kubernetes";
import { PROBE } from "../plan/checks";
import { type ClusterSpec, hostPort, inOrder, loadSpec } from "../spec";
import { nodesOf } from "../spec/nodes";
import { runVerify } from "./verify";

/** What the lab gives: a spec whose hosts answer, and an environment in which plain `pulumi` commands work. */
export interface Surroundings {
  readonly file: string;
  readonly home: Home;
  readonly env: Readonly<Record<string, string>>;
}

/** Makes the cluster of the lab live and proven. Throws Error when `pulumi up` or a check fails. */
export async function bringUp({ file, home, env }: Surroundings): Promise<void> {
  const stack = home.name;
  // the proof of a cluster in kind asks Docker, as the engine does
  Object.assign(process.env, env);
  // in the lab's folder, where the stack's configuration is to be
  await run(home.folder, env, "pulumi", "stack", "select", "--create", stack, "--non-interactive");
  dropDeadLocks(join(home.folder, "state/.pulumi/locks"));
  await run(CHECKOUT, env, "pulumi", "up", "--yes", "--skip-preview", "--stack", stack, "--parallel", "64");
  const kubeconfig = join(home.folder, "kubeconfig");
  const output = ["stack", "output", "kubeconfig", "--show-secrets", "--stack", stack];
  writeFileSync(kubeconfig, await runQuietly("pulumi", output, { cwd: CHECKOUT, env }), { mode: 0o600 });
  await runVerify(file, { kubeconfig, patience: 60 });
  if (process.exitCode) throw new Error("the cluster is up, but a check failed (see above)");
  process.stdout.write(await whatToTry(file, stack, kubeconfig));
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

async function whatToTry(file: string, stack: string, kubeconfig: string): Promise<string> {
  const { spec } = loadSpec(file);
  const here = relative(process.cwd(), kubeconfig);
  const named = resolve(file) === LAB_SPEC ? "" : ` ${file}`;
  return [
    ...(spec.verification.keep ? await probeUrls(spec, kubeconfig) : []),
    pc.bold("\nThe cluster:"),
    `  kubectl --kubeconfig ${here} get nodes -o wide`,
    pc.bold("Plain Pulumi:"),
    `  eval "$(npx dualstack lab env${named})" && pulumi preview --stack ${stack} --diff`,
    pc.bold("Tear down:"),
    `  npx dualstack lab down${named}\n`,
  ].join("\n");
}

/** The probe's Service at every address of every node; without `verification.keep` it is gone after the checks. */
async function probeUrls(spec: ClusterSpec, kubeconfig: string): Promise<string[]> {
  const service = await new Kubernetes(readFileSync(kubeconfig, "utf8")).service(PROBE.namespace, PROBE.name);
  const port = service.spec?.ports?.[0]?.nodePort ?? 0;
  const urls = nodesOf(await locateNodes(spec)).flatMap(({ addresses }) =>
    inOrder(spec.network.families, addresses).map((address) => `http://${hostPort(address, port)}/`),
  );
  return [pc.bold("\nTry it from this machine:"), ...urls.map((url) => `  curl -g ${url}`)];
}

/** Runs a program to its end. Ctrl-C reaches it by itself; what is sent to us alone is handed on, and we end after it. */
function run(cwd: string, env: Readonly<Record<string, string>>, command: string, ...args: string[]): Promise<void> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const listeners = {
    SIGINT: () => {},
    SIGTERM: () => child.kill("SIGINT"),
    SIGHUP: () => child.kill("SIGINT"),
  } as const;
  for (const [signal, listener] of Object.entries(listeners)) process.on(signal, listener);
  const ended = new Promise<void>((resolve, reject) => {
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
  return ended.finally(() => {
    for (const [signal, listener] of Object.entries(listeners)) process.off(signal, listener);
  });
}
