/** The lab's network: one bridge with both families and the spec's addresses, made only where nobody else uses these ranges. */
import { Cidr, FAMILIES } from "../spec";
import type { Docker } from "./docker";
import type { Log } from "./log";
import type { Lan } from "./machines";
import { LABEL, owned } from "./owner";
import { needPrograms } from "./packages";
import { run, succeeds } from "./run";

/** Name of the Docker network, and of its bridge on this machine. */
export const NETWORK = "dualstack-lab";

/** Sees to it that the network is there. */
export async function ensureNetwork(log: Log, docker: Docker, lan: Lan): Promise<void> {
  if ((await owned(docker, "network")).includes(NETWORK)) return;
  await needPrograms("ip");
  if (await succeeds("ip", ["link", "show", "dev", NETWORK])) await run("ip", ["link", "delete", NETWORK]); // left by a lost daemon of ours
  await refuseOverlap(lan);
  const ranges = FAMILIES.flatMap((family) => [
    "--subnet",
    `${lan.ranges[family]}`,
    "--gateway",
    `${lan.gateways[family]}`,
  ]);
  const bridge = ["--opt", `com.docker.network.bridge.name=${NETWORK}`];
  await docker.run(["network", "create", "--label", LABEL, "--ipv6", ...ranges, ...bridge, NETWORK]);
  log.line(`network ${lan.ranges.ipv4}, ${lan.ranges.ipv6}: made (bridge ${NETWORK})`);
}

/** A route to one of our ranges through another device would swallow the lab's traffic: an error names the device. */
async function refuseOverlap({ ranges }: Lan): Promise<void> {
  for (const family of FAMILIES) {
    const routes = JSON.parse(
      (await run("ip", ["-json", family === "ipv4" ? "-4" : "-6", "route", "show"])) || "[]",
    ) as Route[];
    const other = routes.find((route) => rangeOf(route)?.overlaps(ranges[family]));
    if (!other) continue;
    throw new Error(
      `${ranges[family]} is in use on this machine: ${other.dst} goes to ${other.dev}. If that is a bridge left behind, ` +
        `\`docker network ls\` or \`ip link delete ${other.dev}\` helps; else choose other addresses in the lab's spec`,
    );
  }
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
