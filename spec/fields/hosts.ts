/** Hosts: what they are, and their interfaces. */
import type { Family } from "../families";
import { choice, either, integer, list, optional, required, section, struct, text } from "../shapes";
import { INTERFACE_NAME, NAME } from "../texts";
import { HOST_SSH } from "./ssh";
import { address, interfaceAddress } from "./values";

const interfaceFamily = (family: Family) =>
  struct({
    address: required(interfaceAddress(family), "Address and prefix length of the link."),
    gateway: optional(address(family), "The default route of this family goes there."),
  });

export const INTERFACE = struct({
  name: required(INTERFACE_NAME, "Name of the interface, such as eth0."),
  mtu: optional(integer(576, 65535), "Largest packet in bytes; without it that of the link stays."),
  ipv4: optional(interfaceFamily("ipv4"), "IPv4 of this interface."),
  ipv6: optional(interfaceFamily("ipv6"), "IPv6 of this interface."),
});

const KERNEL = text(
  "kernel-form",
  /^[1-9]\d?\.(0|[1-9]\d{0,2})$/,
  'the first two numbers of the kernel, such as "5.14"',
);

const MACHINE = struct({
  kernel: optional(KERNEL, "Its kernel, as uname -r begins. What needs a newer one is then refused here."),
  cgroup: optional(choice(["v1", "v2"]), "Its version of control groups. What needs v2 is then refused here."),
});

const PLANE = "the role is called control-plane";

export const HOST = struct({
  name: required(
    either(
      NAME,
      struct({ from: required(choice(["ipv4", "ipv6"]), "The node's address of this family, in full, with dashes.") }),
    ),
    "Host name and node name, or {from: ipv6} to make it of the address. It never changes: another name is another node.",
  ),
  role: required(
    choice(["control-plane", "worker"], { master: PLANE, controlplane: PLANE, node: "the role is called worker" }),
    "What runs there.",
  ),
  ssh: section(HOST_SSH, "How this host is reached, where it differs from ssh."),
  machine: section(MACHINE, "What is known of the host's system, for checks before it is touched."),
  interfaces: required(list(INTERFACE, 1), "Interfaces; the first address of each family is the node's."),
});

export const OUTSIDE = struct({
  name: required(NAME, "Name of the host, for reports."),
  ipv4: optional(address("ipv4"), "Its IPv4 address."),
  ipv6: optional(address("ipv6"), "Its IPv6 address."),
  ssh: section(HOST_SSH, "How it is reached, where it differs from ssh."),
});
