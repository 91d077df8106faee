/** Which containers, volumes and networks are this lab's: all bear one label, with the checkout that made them. */
import { existsSync } from "node:fs";
import type { Docker } from "./docker";
import { CHECKOUT } from "./paths";

const KEY = "dualstack.lab";

/** Label of everything that this lab makes. */
export const LABEL = `${KEY}=${CHECKOUT}`;

/** Kinds of things that bear the label. */
export type Kind = "container" | "volume" | "network";

/** Names of the things of `kind` that are ours; a lab whose checkout is gone has no other owner. */
export async function owned(docker: Docker, kind: Kind): Promise<string[]> {
  return (await labelled(docker, kind)).filter(({ checkout }) => isOurs(checkout)).map(({ name }) => name);
}

/** Fails where another checkout's lab is up: both want the same names and addresses. */
export async function refuseForeign(docker: Docker): Promise<void> {
  const foreign = (await labelled(docker, "container")).find(({ checkout }) => !isOurs(checkout));
  if (!foreign) return;
  throw new Error(
    `the lab of another checkout is up (${foreign.name}, made from ${foreign.checkout}): run \`bin/dualstack.js lab down\` there first`,
  );
}

/** Whether nothing labelled is left on this daemon, whoever made it. */
export async function nobodyLeft(docker: Docker): Promise<boolean> {
  return (await labelled(docker, "container")).length === 0;
}

const isOurs = (checkout: string) => checkout === CHECKOUT || !existsSync(checkout);

const LIST: Record<Kind, readonly string[]> = {
  container: ["ps", "--all", "--format", `{{.Names}}\t{{.Label "${KEY}"}}`],
  volume: ["volume", "ls", "--format", `{{.Name}}\t{{.Label "${KEY}"}}`],
  network: ["network", "ls", "--format", `{{.Name}}\t{{.Label "${KEY}"}}`],
};

async function labelled(docker: Docker, kind: Kind): Promise<{ name: string; checkout: string }[]> {
  const lines = await docker.run([...LIST[kind], "--filter", `label=${KEY}`]);
  return lines.split("\n").flatMap((line) => {
    const [name, checkout] = line.split("\t");
    return name && checkout ? [{ name, checkout }] : [];
  });
}
