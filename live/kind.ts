/** kind and Docker on this machine, through their own commands: what is there, and what kind needs of Docker. */
import { execFile } from "node:child_process";
import { networkArguments } from "../hosts/kind";
import { type DockerContainer, type DockerNetwork, networkRefusal, noNetwork, withAddresses } from "../plan/kind";
import { nodesOf } from "../spec/nodes";
import type { ClusterSpec, Kind } from "../spec/types";

/** How to get a program that is not on PATH. */
const REMEDIES = {
  kind: "kind 0.33 or newer makes the nodes (https://kind.sigs.k8s.io/docs/user/quick-start/#installation)",
  docker: "kind runs its nodes in Docker (https://docs.docker.com/engine/install/)",
} as const;

/**
 * Has Docker ready for the nodes before kind is asked: kind itself would take what is there, and silently make a cluster of one
 * family. Makes the network where it is missing. Throws Error with the remedy.
 */
export async function prepareKind(spec: ClusterSpec, kind: Kind): Promise<void> {
  await ask("kind", "version");
  await ask("docker", "version", "--format", "{{.Server.Version}}");
  const there = await ask("docker", "network", "ls", "--format", "{{.Name}}");
  if (!there.split("\n").includes(kind.network.name)) {
    await ask("docker", ...networkArguments(spec, kind)).catch((error: Error) => {
      throw new Error(noNetwork(spec, kind, error.message));
    });
  }
  const [network] = JSON.parse(await ask("docker", "network", "inspect", kind.network.name)) as DockerNetwork[];
  const refusal = networkRefusal(spec, kind, network ?? {});
  if (refusal !== undefined) throw new Error(refusal);
}

/** The spec with the addresses of its nodes; in kind as Docker has them now: after a restart they may be others. Throws Error. */
export async function locateNodes(spec: ClusterSpec): Promise<ClusterSpec> {
  const { kind } = spec;
  if (kind === undefined) return spec;
  const names = nodesOf(spec).map(({ name }) => name);
  const containers = await ask("docker", "container", "inspect", ...names);
  return withAddresses(spec, kind, JSON.parse(containers) as DockerContainer[]);
}

/** The administrator's kubeconfig. Throws Error when kind has no such cluster. */
export async function kindKubeconfig({ name }: ClusterSpec): Promise<string> {
  return ask("kind", "get", "kubeconfig", "--name", name).catch((error: Error) => {
    if (error instanceof NotInstalled) throw error;
    throw new Error(`${error.message.trim()}. Is there a cluster yet? 'pulumi up' makes it`);
  });
}

class NotInstalled extends Error {}

/** What the command prints. Throws Error with what it says. */
function ask(program: keyof typeof REMEDIES, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if ((error as NodeJS.ErrnoException).code === "ENOENT")
        reject(new NotInstalled(`${program} is not on PATH: ${REMEDIES[program]}`));
      else reject(new Error(stderr.trim() || error.message));
    });
  });
}
