/** Rules about interfaces that stand on others: VLANs and bonds. */
import type { DraftInterface } from "../schema";
import { type Context, hostPlaces, interfacePlaces, type Placed } from "./context";

type One = Placed<DraftInterface>;

export function stackedInterfaces(context: Context): void {
  for (const host of hostPlaces(context)) {
    const all = interfacePlaces(host);
    const byName = new Map(all.flatMap((one) => (one.value.name === undefined ? [] : [[one.value.name, one]])));
    const members = membersOf(context, all);
    const vlans = new Set<string>();
    for (const one of all) {
      kinds(context, one);
      checkVlan(context, one, byName, members, vlans);
      checkBond(context, one, byName);
      const bond = members.get(one.value.name ?? "");
      if (bond !== undefined) checkMember(context, one, bond);
    }
  }
}

function kinds({ source }: Context, { path, value: { vlan, bond, mac } }: One): void {
  if (vlan !== undefined && bond !== undefined)
    source.error([...path, "vlan"], "vlan-and-bond", "is a bond as well; make the VLAN an interface of its own");
  else if (mac !== undefined && (vlan !== undefined || bond !== undefined)) {
    const message = `${vlan === undefined ? "a bond has the address of a member" : "a VLAN has the address of its parent"}; give it there`;
    source.error([...path, "mac"], "mac-made", message);
  }
}

/** Name of a member to the bond that it is in. */
function membersOf({ source }: Context, all: readonly One[]): Map<string, One> {
  const members = new Map<string, One>();
  for (const bond of all) {
    for (const [i, name] of (bond.value.bond?.members ?? []).entries()) {
      if (name === undefined) continue;
      const at = [...bond.path, "bond", "members", i];
      const first = members.get(name);
      if (first !== undefined)
        source.error(at, "bond-member-twice", `is a member of ${first.value.name ?? "a bond"} already; list it once`);
      members.set(name, first ?? bond);
    }
  }
  return members;
}

function checkVlan(
  { source }: Context,
  { path, value: { name, mtu, vlan } }: One,
  byName: ReadonlyMap<string, One>,
  members: ReadonlyMap<string, One>,
  seen: Set<string>,
): void {
  if (vlan?.parent === undefined) return;
  const at = [...path, "vlan", "parent"];
  const parent = byName.get(vlan.parent);
  const bond = members.get(vlan.parent);
  if (vlan.parent === name) source.error(at, "vlan-parent", "is the VLAN itself; name the interface that carries it");
  else if (bond !== undefined)
    source.error(at, "vlan-parent", `is a member of ${bond.value.name ?? "a bond"}; name the bond`);
  else if (parent === undefined)
    source.error(
      at,
      "vlan-parent",
      "this host has no such interface; list it, with its name alone if it has no address",
    );
  else if (parent.value.vlan !== undefined)
    source.error(at, "vlan-parent", "is a VLAN itself, and dualstack makes none inside another; name its parent");
  if (vlan.id === undefined) return;
  const key = `${vlan.parent} ${vlan.id}`;
  if (seen.has(key))
    source.error([...path, "vlan", "id"], "vlan-twice", `${vlan.parent} carries this VLAN already; list it once`);
  seen.add(key);
  const room = parent?.value.mtu ?? 1500;
  if (mtu !== undefined && mtu > room) {
    const message = `${vlan.parent} carries no more than ${room}; use at most that, or raise the mtu of ${vlan.parent}`;
    source.error([...path, "mtu"], "mtu-vlan", message);
  }
}

type Bond = NonNullable<DraftInterface["bond"]>;

/** Which modes an option means something in (Linux bonding.rst). */
const OPTIONS: readonly (readonly [keyof Bond & ("lacpRate" | "hashPolicy" | "primary"), readonly string[]])[] = [
  ["lacpRate", ["802.3ad"]],
  ["hashPolicy", ["802.3ad", "balance-xor", "balance-tlb"]],
  ["primary", ["active-backup", "balance-tlb", "balance-alb"]],
];

function checkBond({ source }: Context, { path, value: { name, bond } }: One, byName: ReadonlyMap<string, One>): void {
  if (bond === undefined) return;
  for (const [option, modes] of OPTIONS) {
    if (bond[option] === undefined || bond.mode === undefined || modes.includes(bond.mode)) continue;
    const message = `has no meaning in the mode ${bond.mode}, only in ${modes.join(", ")}; take it out`;
    source.error([...path, "bond", option], "bond-option", message);
  }
  if (bond.primary !== undefined && bond.members !== undefined && !bond.members.includes(bond.primary))
    source.error([...path, "bond", "primary"], "bond-primary", "is no member of the bond; name one of its members");
  for (const [i, member] of (bond.members ?? []).entries()) {
    if (member === undefined) continue;
    const own = byName.get(member)?.value;
    if (member !== name && own?.bond === undefined && own?.vlan === undefined) continue;
    const message = "a bond is made of the host's own interfaces, not of bonds or VLANs; name those";
    source.error([...path, "bond", "members", i], "bond-member-kind", message);
  }
}

/** A member gives up its addresses, and the kernel gives it the MTU of its bond. */
function checkMember({ source }: Context, { path, value }: One, bond: One): void {
  const name = bond.value.name ?? "its bond";
  for (const key of ["ipv4", "ipv6", "dns", "search"] as const) {
    const own = value[key];
    if (own === undefined || (Array.isArray(own) && own.length === 0)) continue;
    source.error([...path, key], "bond-member-address", `a member of ${name} has none of its own; give it to ${name}`);
  }
  if (value.mtu !== undefined && value.mtu !== bond.value.mtu)
    source.error([...path, "mtu"], "bond-member-mtu", `a member has the MTU of ${name}; give it there`);
}
