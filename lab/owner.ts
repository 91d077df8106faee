/** Whose the containers, volumes and networks of labs are: all bear the checkout that made them and the name of their lab. */
import { existsSync } from "node:fs";
import type { Docker } from "./docker";
import type { Home } from "./home";
import { CHECKOUT } from "./paths";

const CHECKOUT_KEY = "dualstack.lab";
const NAME_KEY = "dualstack.lab.name";

/** Kinds of things that bear the labels. */
export type Kind = "container" | "volume" | "network";

/** One thing that some lab made. */
export interface Thing {
  readonly name: string;
  /** The checkout from which it was made. */
  readonly checkout: string;
  /** The name of its lab. */
  readonly lab: string;
}

/** Arguments of `docker ... create` that label what the lab makes. */
export function labels({ name }: Home): string[] {
  return ["--label", `${CHECKOUT_KEY}=${CHECKOUT}`, "--label", `${NAME_KEY}=${name}`];
}

/** Whether `thing` is ours to take away: a lab whose checkout is gone has no other owner. */
export const isOurs = ({ checkout }: Thing) => checkout === CHECKOUT || !existsSync(checkout);

const LIST: Record<Kind, readonly string[]> = {
  container: ["ps", "--all", "--format", `{{.Names}}\t{{.Label "${CHECKOUT_KEY}"}}\t{{.Label "${NAME_KEY}"}}`],
  volume: ["volume", "ls", "--format", `{{.Name}}\t{{.Label "${CHECKOUT_KEY}"}}\t{{.Label "${NAME_KEY}"}}`],
  network: ["network", "ls", "--format", `{{.Name}}\t{{.Label "${CHECKOUT_KEY}"}}\t{{.Label "${NAME_KEY}"}}`],
};

/** The things of `kind` of all labs on this daemon, whoever made them. */
export async function thingsOf(docker: Docker, kind: Kind): Promise<Thing[]> {
  const lines = await docker.run([...LIST[kind], "--filter", `label=${CHECKOUT_KEY}`]);
  return lines.split("\n").flatMap((line) => {
    const [name, checkout, lab = ""] = line.split("\t");
    return name && checkout ? [{ name, checkout, lab }] : [];
  });
}

/** Fails where a lab of this name is another checkout's: both want the same names. */
export async function refuseForeign(docker: Docker, { name }: Home): Promise<void> {
  const things = await everything(docker);
  const foreign = things.find(({ lab, checkout }) => lab === name && checkout !== CHECKOUT);
  if (!foreign) return;
  const remedy = isOurs(foreign)
    ? "that checkout is gone: `dualstack lab down SPEC` or `dualstack lab down --all` here takes its lab away"
    : "run `dualstack lab down SPEC` there, or give this spec another name";
  throw new Error(`a lab called ${name} is up already, made from ${foreign.checkout} (${foreign.name}): ${remedy}`);
}

/** Whether no lab is left on this daemon, whoever made it. A lab's first thing is a network, or in kind a volume. */
export async function nobodyLeft(docker: Docker): Promise<boolean> {
  return (await everything(docker)).length === 0;
}

/** The things of all labs. */
async function everything(docker: Docker): Promise<Thing[]> {
  const kinds: readonly Kind[] = ["container", "network", "volume"];
  return (await Promise.all(kinds.map((kind) => thingsOf(docker, kind)))).flat();
}
