/** Rules about who writes a host's interfaces: what its distribution reads, and what a back end cannot say. */
import { backendOf } from "../derive";
import type { Backend } from "../interface-types";
import type { DraftHost } from "../schema";
import { type Context, hostPlaces, interfacePlaces, type Placed } from "./context";

const RED_HAT: readonly string[] = ["centos", "rhel", "rocky", "almalinux", "ol", "scientific", "eurolinux"];
const DEBIAN: readonly string[] = ["debian", "ubuntu"];

/** Distributions (ID of os-release) that have a back end; one that is not here runs everywhere, or nobody knows. */
const HOMES: { readonly [B in Backend]?: readonly string[] } = {
  ifcfg: [...RED_HAT, "fedora"],
  ifupdown: DEBIAN,
  netplan: [...DEBIAN, "fedora"],
};

/** Every distribution that a rule here knows; of others nothing is said. */
const KNOWN = new Set([...RED_HAT, ...DEBIAN, "fedora", "sles", "opensuse", "arch", "alpine"]);

/** Which releases read ifcfg files: with NetworkManager alone, and no more (NetworkManager's release notes 1.44; its Fedora and RHEL packages). */
const IFCFG_ENDS = { redHat: { old: 9, gone: 10 }, fedora: { old: 36, gone: 41 } } as const;

export function backends(context: Context): void {
  for (const host of hostPlaces(context)) {
    const backend = backendOf(context.draft, host.value);
    if (backend === undefined) continue;
    atHome(context, host, backend);
    if (backend === "ifcfg") ifcfgRelease(context, host);
    for (const one of interfacePlaces(host)) {
      if (backend === "ifupdown") ifupdownWords(context, one);
      if (backend === "ifcfg") ifcfgWords(context, host, one);
    }
  }
}

interface System {
  readonly id: string;
  readonly major: number;
}

function systemOf({ machine }: DraftHost): System | undefined {
  const [id, version = ""] = machine?.os?.split("-") ?? [];
  return id === undefined ? undefined : { id, major: Number.parseInt(version, 10) };
}

function atHome(context: Context, host: Placed<DraftHost>, backend: Backend): void {
  const system = systemOf(host.value);
  const homes = HOMES[backend];
  if (system === undefined || homes === undefined || homes.includes(system.id) || !KNOWN.has(system.id)) return;
  const message = `${backend} is not of ${system.id}; use NetworkManager, systemd-networkd or none`;
  context.source.error([...host.path, "machine", "os"], "backend-os", message);
}

function ifcfgRelease(context: Context, host: Placed<DraftHost>): void {
  const system = systemOf(host.value);
  if (system === undefined || !HOMES.ifcfg?.includes(system.id)) return;
  const { old, gone } = IFCFG_ENDS[system.id === "fedora" ? "fedora" : "redHat"];
  const at = [...host.path, "machine", "os"];
  const name = `${system.id} ${system.major}`;
  if (system.major >= gone)
    context.source.error(at, "ifcfg-gone", `nothing on ${name} reads ifcfg files any more; use NetworkManager`);
  else if (system.major >= old) {
    const message = `ifcfg files are deprecated on ${name}, and ${gone} does not read them; use NetworkManager`;
    context.source.warning(at, "ifcfg-old", message);
  }
}

/** ifupdown itself knows a VLAN by its name, and has no word for address generation (interfaces(5)). */
function ifupdownWords({ source }: Context, { path, value }: ReturnType<typeof interfacePlaces>[number]): void {
  const { name, vlan, ipv6 } = value;
  if (ipv6?.addressGeneration === "stable-privacy") {
    const message = "ifupdown has no such option; leave it out, or use another back end";
    source.error([...path, "ipv6", "addressGeneration"], "generation-ifupdown", message);
  }
  if (vlan?.parent === undefined || vlan.id === undefined || name === undefined) return;
  const wanted = `${vlan.parent}.${vlan.id}`;
  if (name !== wanted && name !== `${vlan.parent}.${String(vlan.id).padStart(4, "0")}`)
    source.error([...path, "name"], "vlan-name", `ifupdown takes a VLAN by its name; call it ${wanted}`);
}

/** The plugin of NetworkManager has the word, the network scripts have not; on CentOS 7 static addresses were lost with it. */
function ifcfgWords(
  { source }: Context,
  host: Placed<DraftHost>,
  { path, value }: ReturnType<typeof interfacePlaces>[number],
) {
  if (value.ipv6?.addressGeneration !== "stable-privacy") return;
  const at = [...path, "ipv6", "addressGeneration"];
  const system = systemOf(host.value);
  if (system !== undefined && system.major <= 7 && system.id !== "fedora")
    source.error(
      at,
      "generation-ifcfg",
      `with it ${system.id} ${system.major} loses its static addresses; leave it out`,
    );
  else source.warning(at, "generation-scripts", "the network scripts ignore it: NetworkManager must run on the host");
}
