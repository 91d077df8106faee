/** Hosts: how they are reached, what they are, and their interfaces. */
import { DEFAULTS } from "../defaults";
import type { Family } from "../families";
import { choice, defaulted, either, integer, list, optional, required, section, struct, text } from "../shapes";
import { HOST_KEY, INTERFACE_NAME, LOCAL_FILE, NAME, SSH_ADDRESS, USER } from "../texts";
import { address, interfaceAddress, PORT } from "./values";

const NO_SECRETS =
  "secrets do not belong in a spec; name the file of the private key as ssh.identityFile, or use an SSH agent";
const NO_SECRET_KEYS = { password: NO_SECRETS, privateKey: NO_SECRETS, passphrase: NO_SECRETS };

export const HOST_SSH = struct(
  {
    address: defaulted(SSH_ADDRESS, "Where to connect to.", DEFAULTS.sshAddress),
    port: optional(PORT, "Instead of the port of ssh."),
    user: optional(USER, "Instead of the user of ssh."),
    hostKey: defaulted(HOST_KEY, "The host's public key, pinned: ed25519 or ecdsa.", DEFAULTS.hostKey),
  },
  NO_SECRET_KEYS,
);

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

export const SSH = struct(
  {
    user: defaulted(USER, "User on the hosts.", DEFAULTS.sshUser),
    port: defaulted(PORT, "Port of sshd.", DEFAULTS.sshPort),
    identityFile: optional(LOCAL_FILE, "File of the private key, relative to the spec; without it the SSH agent."),
    knownHosts: optional(LOCAL_FILE, "OpenSSH known_hosts file with the hosts' keys, relative to the spec."),
  },
  NO_SECRET_KEYS,
);
