/** What hosts/scripts/network.sh does with a changed file on a running host. */
import type { Differences, FileChange } from "../changes";
import type { Effect } from "../impact";

export function networkEffects({ files }: Differences): Effect[] {
  return files.flatMap((file) => {
    switch (file.handler) {
      case "modules":
        return modules(file);
      case "sysctl":
        return sysctls(file);
      default:
        return networkd(file);
    }
  });
}

function modules(file: FileChange): Effect[] {
  return [
    ...some(file, "added", { impact: "live", component: "kernel", what: "the modules are loaded" }),
    ...some(file, "removed", { impact: "nothing", what: "modules that are no longer listed stay until the next boot" }),
  ];
}

function sysctls(file: FileChange): Effect[] {
  return [
    ...some(file, "added", { impact: "live", component: "kernel", what: "sysctl sets the values at once" }),
    ...some(file, "removed", {
      impact: "not-applied",
      component: "kernel",
      what: "values that are no longer listed stay as they are until the next boot",
      todo: "set them with sysctl -w, or boot the host",
    }),
  ];
}

function networkd(file: FileChange): Effect[] {
  if (!file.path.endsWith(".network")) {
    const what =
      file.change === "removed"
        ? "systemd-networkd takes the routes of others under its care again when it starts next"
        : "networkctl reload reads the files of links; a systemd-networkd that runs already may read this one only when it starts next";
    return [{ impact: "live", component: "systemd-networkd", what }];
  }
  if (file.change === "removed") {
    const what =
      "networkctl reload gives the link to the host's own files; where it has none, the addresses go, and the step fails when it waits for them";
    return [{ impact: "live", component: "systemd-networkd", what, todo: "look that the host has files of its own" }];
  }
  const what = "networkctl reload configures this link anew; its connections may pause for a moment";
  return [{ impact: "live", component: "systemd-networkd", what }, ...largestPacket(file)];
}

function largestPacket({ lines }: FileChange): Effect[] {
  if (!lines.some(({ removed, added }) => [...removed, ...added].some((line) => line.startsWith("MTUBytes="))))
    return [];
  return [
    {
      impact: "not-applied",
      component: "network add-on",
      what: "the network add-on and running pods keep the packet size that they found when they started",
      todo: "restart the pods of the network add-on (kubectl rollout restart of its DaemonSet), then all others",
    },
  ];
}

function some({ lines }: FileChange, side: "added" | "removed", effect: Effect): Effect[] {
  return lines.some((hunk) => hunk[side].length > 0) ? [effect] : [];
}
