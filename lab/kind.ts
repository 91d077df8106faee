/** Labs of a cluster in kind: Docker, kind and a node image for it, and nothing of hosts, which kind makes. */
import { join } from "node:path";
import type { ClusterSpec, Kind } from "../spec";
import { obtain } from "./artefact";
import { goArtefact } from "./build/go";
import { kindProgram } from "./build/programs";
import { type Docker, startDocker } from "./docker";
import { needSite } from "./download";
import { type Home, volumeOf } from "./home";
import { kindNodeImage } from "./kind-image";
import { raiseLimit } from "./limits";
import type { Log } from "./log";
import { refuseOverlap } from "./network";
import { labels, refuseForeign, type Thing, thingsOf } from "./owner";
import { needPrograms, which } from "./packages";
import { run } from "./run";
import { inTurn } from "./turns";

/** The release of kind that is built where none is installed. */
const KIND = "0.33.0";

/** What the lab itself has of a cluster in kind: a volume, by which it is known while kind has no node yet. */
const MARK = "kind";

/** The daemon, with the mark of this lab. Throws Error where the range of its network is in use. */
export function kindDocker(log: Log, home: Home, { network }: Kind): Promise<Docker> {
  return inTurn(async () => {
    const docker = await startDocker(log);
    await refuseForeign(docker, home);
    raiseLimit(log);
    const there = (await docker.run(["network", "ls", "--format", "{{.Name}}"])).split("\n");
    await needPrograms("ip");
    if (!there.includes(network.name)) await refuseOverlap(docker, await thingsOf(docker, "network"), network);
    await docker.run(["volume", "create", ...labels(home), volumeOf(home, MARK)]);
    return docker;
  });
}

/** The folder to put before PATH for `kind`; none where it is installed. */
export async function findKind(log: Log): Promise<string[]> {
  const present = which("kind");
  if (present === undefined) return [await obtain(log, goArtefact(kindProgram(KIND)))];
  log.line(`${await run(present, ["version"])}: found at ${present}`);
  return [];
}

/** Has the node image of the spec on the daemon: there already, pulled, or made of programs built here. */
export async function ensureNodeImage(log: Log, docker: Docker, spec: ClusterSpec, { image }: Kind): Promise<void> {
  if (await docker.run(["images", "--quiet", image])) {
    log.line(`node image ${image}: is there`);
    return;
  }
  const why = await pulled(docker, image);
  if (why === undefined) {
    log.line(`node image ${image}: pulled`);
    return;
  }
  const folder = await kindNodeImage(log, docker, spec, { image, kind: KIND });
  await log.during("node image", () => docker.run(["load", "--quiet", "--input", join(folder, "image.tar")]));
  log.line(`node image ${image}: made of programs built here (${why})`);
}

/** Why the image could not be pulled; undefined: it was. */
async function pulled(docker: Docker, image: string): Promise<string | undefined> {
  const [host = ""] = image.split("/");
  try {
    await needSite(host.includes(".") ? host : "registry-1.docker.io");
    await docker.run(["pull", "--quiet", image]);
    return undefined;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}

/** Takes away what kind and dualstack made for the lab, if it is one of kind. */
export async function removeKind(docker: Docker, { name, lab }: Thing): Promise<void> {
  if (name !== volumeOf({ name: lab }, MARK)) return;
  const list = async (...args: string[]) => (await docker.run(args)).split("\n").filter((id) => id !== "");
  const nodes = await list("ps", "--all", "--quiet", "--filter", `label=io.x-k8s.kind.cluster=${lab}`);
  for (const node of nodes) await docker.run(["rm", "--force", "--volumes", node]);
  for (const network of await list("network", "ls", "--quiet", "--filter", `label=dualstack.kind=${lab}`))
    await docker.run(["network", "rm", network]);
}
