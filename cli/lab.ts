/** `dualstack lab`: throw-away hosts on this machine, for any spec. */
import { type Command, InvalidArgumentError } from "commander";
import type { LabStatus } from "../lab";

// loaded only by these commands: the other ones start in a third of the time without
const lab = () => require("../lab") as typeof import("../lab");

const SPEC = "a spec whose ssh names the lab's keys in .lab/<name>; default: stacks/lab.yaml of this checkout";

/** Adds `lab up`, `lab down`, `lab status` and `lab env` to the command. */
export function registerLab(program: Command): void {
  const group = program
    .command("lab")
    .description("throw-away hosts on this machine, and the cluster of a spec on them; several labs live side by side");
  group
    .command("up")
    .description("make what is missing of the lab; a second run finds everything")
    .argument("[spec]", SPEC)
    .option("--hosts-only", "stop when the hosts answer, before the cluster")
    .action(async (file: string | undefined, { hostsOnly }: { hostsOnly?: boolean }) => {
      const { createLog, LAB_SPEC, labUp } = lab();
      const { env, home } = await labUp(createLog(), file);
      if (hostsOnly) return;
      const { bringUp } = require("./bring-up") as typeof import("./bring-up");
      await bringUp({ file: file ?? LAB_SPEC, home, env });
    });
  group
    .command("down")
    .description("take away all that the lab made, except the cache of programs and images")
    .argument("[spec]", SPEC)
    .option("--all", "every lab of this checkout, and those whose checkout is gone")
    .action(async (file: string | undefined, { all }: { all?: boolean }) => {
      const { createLog, labDown, labDownAll } = lab();
      await (all ? labDownAll(createLog()) : labDown(createLog(), file));
    });
  group
    .command("prune")
    .description("remove programs and images from the cache that no lab has asked for lately; while no lab is up")
    .option("--days <number>", "how many days back is lately", wholeDays, 14)
    .action(({ days }: { days: number }) => {
      const { createLog, prune } = lab();
      return prune(createLog(), days);
    });
  group
    .command("status")
    .description("say what of the lab is there; exit code 1 unless every host runs")
    .argument("[spec]", SPEC)
    .option("--json", "for machines")
    .action(async (file: string | undefined, { json }: { json?: boolean }) => {
      const { LAB_SPEC, labStatus } = lab();
      const status = await labStatus(file ?? LAB_SPEC);
      console.log(json ? JSON.stringify(status, undefined, 2) : statusText(status));
      if (status.hosts.length === 0 || status.hosts.some(({ state }) => state !== "running")) process.exitCode = 1;
    });
  group
    .command("env")
    .description(
      'the environment of the lab for a shell: eval "$(npx dualstack lab env)", then plain pulumi and docker commands work',
    )
    .argument("[spec]", SPEC)
    .action(async (file: string | undefined) => {
      const { createLog, labEnv } = lab();
      for (const [name, value] of Object.entries(await labEnv(createLog(), file)))
        console.log(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
    });
}

function wholeDays(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("write whole days, such as 14");
}

function statusText({ docker, name, hosts, others }: LabStatus): string {
  const daemon = docker
    ? `docker: ${docker.own ? `the labs' own (${docker.host})` : "the one of this machine"}`
    : "docker: no daemon answers";
  const lines = hosts.map(({ addresses, ...host }) => [host.name, host.role, host.state, ...addresses].join("  "));
  const none = `no lab ${name}: \`dualstack lab up\` makes it`;
  const also = others.map((other) => `also up: ${other.name} of ${other.checkout}`);
  return [daemon, ...(lines.length > 0 ? lines : [none]), ...also].join("\n");
}
