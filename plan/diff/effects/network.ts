/** What becomes of a changed file of the network step on a running host. */
import type { Differences, FileChange } from "../changes";
import type { Effect } from "../impact";

export function networkEffects({ files, values }: Differences): Effect[] {
  const other = values.some(({ name, removed, added }) => name === "backend" && removed.length > 0 && added.length > 0);
  return [...(other ? [otherBackend] : []), ...files.flatMap(fileEffects)];
}

const otherBackend: Effect = {
  impact: "live",
  component: "the host's network",
  what: "another program configures the interfaces: the files of the old one go, and every link is configured anew",
  todo: "one host first: try it on a worker that can be missed",
};

function fileEffects(file: FileChange): Effect[] {
  switch (file.handler) {
    case "modules":
      return modules(file);
    case "sysctl":
      return sysctls(file);
    default:
      return READERS.find(({ path }) => path.test(file.path))?.effects(file) ?? [];
  }
}

interface Reader {
  readonly path: RegExp;
  readonly effects: (file: FileChange) => Effect[];
}

/** Who reads a file of the network step, and when. The first that fits counts. */
const READERS: readonly Reader[] = [
  { path: /\.network$/, effects: networkdLink },
  { path: /\.netdev$/, effects: networkdDevice },
  { path: /\.link$/, effects: () => [atBoot("udev", "names of links are given when the host boots")] },
  { path: /^\/etc\/systemd\/networkd\.conf\.d\//, effects: networkdSettings },
  {
    path: /^\/etc\/NetworkManager\/conf\.d\//,
    effects: () => [reads("NetworkManager", "its settings are read again")],
  },
  {
    path: /^\/etc\/cloud\//,
    effects: () => [{ impact: "nothing", what: "cloud-init reads this file when the host boots" }],
  },
  {
    path: /^\/etc\/modprobe\.d\//,
    // IPv6 on is the kernel's own default, so only a host on which it was off waits for it
    effects: () => [{ impact: "nothing", what: "the options of a module count when it is loaded, at the next boot" }],
  },
  {
    path: /^\/etc\/sysconfig\/network$/,
    effects: () => [{ impact: "nothing", what: "read whenever a link comes up" }],
  },
  { path: /\.nmconnection$/, effects: (file) => configured("NetworkManager", file) },
  { path: /^\/etc\/netplan\//, effects: (file) => configured("netplan", file) },
  { path: /^\/etc\/network\/interfaces$/, effects: (file) => configured("ifupdown", file) },
  {
    path: /^\/etc\/sysconfig\/network-scripts\//,
    effects: (file) => configured("network scripts, or NetworkManager", file),
  },
];

function reads(component: string, what: string): Effect {
  return { impact: "live", component, what };
}

function atBoot(component: string, what: string): Effect {
  return { impact: "not-applied", component, what, todo: "boot the host" };
}

function configured(component: string, file: FileChange): Effect[] {
  if (file.change === "removed")
    return [
      reads(component, "the link gets what the host had before dualstack; where that is nothing, its addresses go"),
    ];
  return [
    reads(component, "the link is configured anew; its connections may pause for a moment"),
    ...largestPacket(file),
  ];
}

/** networkd makes a link once (systemd.netdev(5)), so one whose file changed is taken away and made again. */
function networkdDevice({ change }: FileChange): Effect[] {
  const what = {
    added: "networkctl reload makes the link",
    changed: "the bond or VLAN is taken away and made again; what runs over it is cut off for that time",
    removed: "the bond or VLAN is taken away",
  };
  return [reads("systemd-networkd", what[change])];
}

function networkdSettings({ change }: FileChange): Effect[] {
  const what =
    change === "removed"
      ? "systemd-networkd takes the routes of others under its care again when it starts next"
      : "systemd-networkd restarts, since it reads its own settings only when it starts; addresses stay";
  return [reads("systemd-networkd", what)];
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

function networkdLink(file: FileChange): Effect[] {
  if (file.change === "removed") {
    const what =
      "networkctl reload gives the link to the host's own files; where it has none, the addresses go, and the step fails when it waits for them";
    return [{ impact: "live", component: "systemd-networkd", what, todo: "look that the host has files of its own" }];
  }
  const what = "networkctl reload configures this link anew; its connections may pause for a moment";
  return [{ impact: "live", component: "systemd-networkd", what }, ...largestPacket(file)];
}

function largestPacket({ lines }: FileChange): Effect[] {
  const says = (line: string) => /^\s*(MTUBytes=|mtu[=: ]|MTU=)/.test(line);
  if (!lines.some(({ removed, added }) => [...removed, ...added].some(says))) return [];
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
