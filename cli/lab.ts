/** `dualstack lab`: the throw-away hosts on this machine. */
import type { Command } from "commander";
import type { LabStatus } from "../lab";

// loaded only by these commands: the other ones start in a third of the time without
const lab = () => require("../lab") as typeof import("../lab");

/** Adds `lab up`, `lab down`, `lab status` and `lab env` to the command. */
export function registerLab(program: Command): void {
  const group = program
    .command("lab")
    .description("throw-away hosts on this machine, and the cluster of stacks/lab.yaml on them");
  group
    .command("up")
    .description("make what is missing of the lab; a second run finds everything")
    .option("--hosts-only", "stop when the hosts answer, before the cluster")
    .action(async ({ hostsOnly }: { hostsOnly?: boolean }) => {
      const { CHECKOUT, createLog, labUp } = lab();
      const { env } = await labUp(createLog());
      if (hostsOnly) return;
      const { bringUp } = require("./bring-up") as typeof import("./bring-up");
      await bringUp({ root: CHECKOUT, env });
    });
  group
    .command("down")
    .description("take away all that the lab made, except the cache of programs and images")
    .action(() => lab().labDown(lab().createLog()));
  group
    .command("status")
    .description("say what of the lab is there; exit code 1 unless every host runs")
    .option("--json", "for machines")
    .action(async ({ json }: { json?: boolean }) => {
      const status = await lab().labStatus();
      console.log(json ? JSON.stringify(status, undefined, 2) : statusText(status));
      if (status.hosts.length === 0 || status.hosts.some(({ state }) => state !== "running")) process.exitCode = 1;
    });
  group
    .command("env")
    .description(
      'the environment of the lab for a shell: eval "$(bin/dualstack.js lab env)", then plain pulumi and docker commands work',
    )
    .action(async () => {
      const env = await lab().labEnv(lab().createLog());
      for (const [name, value] of Object.entries(env))
        console.log(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
    });
}

function statusText({ docker, hosts }: LabStatus): string {
  const daemon = docker
    ? `docker: ${docker.own ? `the lab's own (${docker.host})` : "the one of this machine"}`
    : "docker: no daemon answers";
  if (hosts.length === 0) return `${daemon}\nno lab: \`bin/dualstack.js lab up\` makes one`;
  const lines = hosts.map(({ name, role, state, ipv4, ipv6 }) => [name, role, state, ipv4, ipv6].join("  "));
  return [daemon, ...lines].join("\n");
}
