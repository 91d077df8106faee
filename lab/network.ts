/** A lab's networks: bridges with the spec's families and addresses, made only where nobody else uses these ranges. */
import { Cidr, FAMILIES, inOrder, type PerFamily } from "../spec";
import type { Docker } from "./docker";
import { type Home, networkOf } from "./home";
import type { Log } from "./log";
import type { Lan } from "./machines";
import { labels, type Thing, thingsOf } from "./owner";
import { needPrograms } from "./packages";
import { run, succeeds } from "./run";

/** Sees to it that the network is there. */
export async function ensureNetwork(log: Log, docker: Docker, home: Home, lan: Lan): Promise<void> {
  const networks = await thingsOf(docker, "network");
  const { name: network, bridge } = networkOf(home, lan.device);
  if (networks.some(({ name }) => name === network)) return;
  await needPrograms("ip");
  if (await succeeds("ip", ["link", "show", "dev", bridge])) await run("ip", ["link", "delete", bridge]); // left by a lost daemon of ours
  await refuseOverlap(docker, networks, lan.ranges);
  const subnets = inOrder(FAMILIES, lan.ranges).flatMap((range) => ["--subnet", `${range}`]);
  const ranges = [...subnets, ...inOrder(FAMILIES, lan.gateways).flatMap((gateway) => ["--gateway", `${gateway}`])];
  const ipv6 = lan.ranges.ipv6 ? ["--ipv6"] : [];
  const options = ["--opt", `com.docker.network.bridge.name=${bridge}`];
  await docker.run(["network", "create", ...labels(home), ...ipv6, ...ranges, ...options, network]);
  log.line(`network ${inOrder(FAMILIES, lan.ranges).join(", ")}: made (bridge ${bridge})`);
}

/** A route to one of our ranges through another device would swallow the lab's traffic: an error names the device, and the lab if it is one's. */
export async function refuseOverlap(
  docker: Docker,
  networks: readonly Thing[],
  ranges: PerFamily<Cidr>,
): Promise<void> {
  for (const range of inOrder(FAMILIES, ranges)) {
    const option = range.family === "ipv4" ? "-4" : "-6";
    const routes = JSON.parse((await run("ip", ["-json", option, "route", "show"])) || "[]") as Route[];
    const other = routes.find((route) => rangeOf(route)?.overlaps(range));
    if (!other) continue;
    const owner = await labBehind(docker, networks, other.dev);
    const remedy = owner
      ? `that is the lab ${owner.lab} of ${owner.checkout}: take it down there, or choose other addresses in this spec`
      : "if that is a bridge left behind, `docker network ls` or " +
        `\`ip link delete ${other.dev}\` helps; else choose other addresses in the lab's spec`;
    throw new Error(`${range} is in use on this machine: ${other.dst} goes to ${other.dev}; ${remedy}`);
  }
}

/** The lab whose network has the bridge `device`. */
async function labBehind(docker: Docker, networks: readonly Thing[], device: string): Promise<Thing | undefined> {
  for (const network of networks) {
    const format = '{{index .Options "com.docker.network.bridge.name"}}';
    if ((await docker.run(["network", "inspect", "--format", format, network.name])) === device) return network;
  }
  return undefined;
}

interface Route {
  readonly dst: string;
  readonly dev: string;
}

/** The range of a route; the default route holds everything and overlaps nothing. */
function rangeOf({ dst }: Route): Cidr | undefined {
  if (dst === "default") return undefined;
  return Cidr.parse(dst.includes("/") ? dst : `${dst}/${dst.includes(":") ? 128 : 32}`);
}
