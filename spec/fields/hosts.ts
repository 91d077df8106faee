/** Hosts: what they are, and their interfaces. */
import { choice, either, list, optional, required, section, struct, text } from "../shapes";
import { NAME } from "../texts";
import { BACKEND, INTERFACE } from "./interfaces";
import { HOST_SSH } from "./ssh";
import { address } from "./values";

const KERNEL = text(
  "kernel-form",
  /^[1-9]\d?\.(0|[1-9]\d{0,2})$/,
  'the first two numbers of the kernel, such as "5.14"',
);

const OS = text(
  "os-form",
  /^[a-z][a-z0-9_]{0,31}-\d{1,4}(\.\d{1,3}){0,2}$/,
  "ID and VERSION_ID of its /etc/os-release with a dash between, such as centos-7 or ubuntu-24.04",
);

const MACHINE = struct({
  os: optional(OS, "Its distribution. What it cannot take is then refused here."),
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
  backend: optional(BACKEND, "Who writes this host's interfaces, where it differs from network.backend."),
  interfaces: required(list(INTERFACE, 1), "Interfaces; the first address of each family is the node's."),
});

export const OUTSIDE = struct({
  name: required(NAME, "Name of the host, for reports."),
  ipv4: optional(address("ipv4"), "Its IPv4 address."),
  ipv6: optional(address("ipv6"), "Its IPv6 address."),
  ssh: section(HOST_SSH, "How it is reached, where it differs from ssh."),
});
