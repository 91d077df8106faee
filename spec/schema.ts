/** The language of a spec, whole: every field, what it may hold, its default and what it is for. */
import { Address, AddressError, Cidr, InterfaceAddress } from "./addresses";
import { DEFAULTS } from "./defaults";
import { parseEndpoint } from "./endpoint";
import { type Family, ipFamily } from "./families";
import {
  choice,
  defaulted,
  either,
  FLAG,
  integer,
  list,
  optional,
  type Parsed,
  parsed,
  required,
  section,
  struct,
  text,
  type Value,
} from "./shapes";
import {
  DOMAIN,
  FLANNEL_VERSION,
  HOST_FOLDER,
  HOST_KEY,
  IMAGE,
  INTERFACE_NAME,
  LOCAL_FILE,
  NAME,
  SSH_ADDRESS,
  USER,
  VERSION,
} from "./texts";

/** `parse`, and the value must be of `family`. */
function of<T extends { family: Family }>(family: Family, thing: string, parse: (text: string) => T): Parsed<T> {
  const what = `an ${ipFamily(family)} ${thing}`;
  return parsed(what, (text) => {
    const value = parse(text);
    if (value.family === family) return value;
    throw new AddressError("family-wrong", `must be ${what}`);
  });
}

const range = (family: Family) =>
  of(family, "range such as " + (family === "ipv4" ? "10.244.0.0/16" : '"fd00:10:244::/56"'), Cidr.parse);
const address = (family: Family) => of(family, "address", Address.parse);
const interfaceAddress = (family: Family) => of(family, "address with a prefix length", InterfaceAddress.parse);

const ADDRESS = parsed("an address", Address.parse);
const RANGE = parsed("a range such as 192.168.1.0/24", Cidr.parse);
const ENDPOINT = parsed("name:port, address:port or [IPv6 address]:port", parseEndpoint);
const PORT = integer(1, 65535);

const NO_SECRETS =
  "secrets do not belong in a spec; name the file of the private key as ssh.identityFile, or use an SSH agent";
const NO_SECRET_KEYS = { password: NO_SECRETS, privateKey: NO_SECRETS, passphrase: NO_SECRETS };

const HOST_SSH = struct(
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

const INTERFACE = struct({
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

const HOST = struct({
  name: required(
    either(
      NAME,
      struct({ from: required(choice(["ipv4", "ipv6"]), "The node's address of this family, in full, with dashes.") }),
    ),
    "Host name and node name, or {from: ipv6} to make it of the address. It never changes: another name is another node.",
  ),
  role: required(choice(["control-plane", "worker"]), "What runs there."),
  ssh: section(HOST_SSH, "How this host is reached, where it differs from ssh."),
  machine: section(MACHINE, "What is known of the host's system, for checks before it is touched."),
  interfaces: required(list(INTERFACE, 1), "Interfaces; the first address of each family is the node's."),
});

const OUTSIDE = struct({
  name: required(NAME, "Name of the host, for reports."),
  ipv4: optional(address("ipv4"), "Its IPv4 address."),
  ipv6: optional(address("ipv6"), "Its IPv6 address."),
  ssh: section(HOST_SSH, "How it is reached, where it differs from ssh."),
});

const NODE_MASK = struct({
  ipv4: optional(integer(1, 32), "Prefix length of each node's IPv4 range."),
  ipv6: optional(integer(1, 128), "Prefix length of each node's IPv6 range."),
});

const NETWORK = struct({
  families: defaulted(list(choice(["ipv4", "ipv6"]), 1), "Address families, the primary one first.", DEFAULTS.families),
  pods: defaulted(
    struct({
      ipv4: optional(range("ipv4"), "Pod addresses, IPv4."),
      ipv6: optional(range("ipv6"), "Pod addresses, IPv6."),
      nodeMask: defaulted(NODE_MASK, "How much of a range each node gets.", DEFAULTS.nodeMask),
    }),
    "Ranges of pod addresses.",
    DEFAULTS.pods,
  ),
  services: defaulted(
    struct({
      ipv4: optional(range("ipv4"), "Service addresses, IPv4."),
      ipv6: optional(range("ipv6"), "Service addresses, IPv6."),
    }),
    "Ranges of service addresses.",
    DEFAULTS.services,
  ),
  endpoint: defaulted(ENDPOINT, "Where the Kubernetes API is reached.", DEFAULTS.endpoint),
  backend: defaulted(choice(["systemd-networkd", "none"]), "Who writes the hosts' interfaces.", DEFAULTS.backend),
  dns: defaulted(list(ADDRESS), "Name servers that the cluster's DNS forwards to.", DEFAULTS.dns),
  dnsDomain: defaulted(DOMAIN, "Domain of the cluster's services.", DEFAULTS.dnsDomain),
  certificateNames: defaulted(
    list(SSH_ADDRESS),
    "More names and addresses for the certificate of the Kubernetes API, such as a virtual address of the second family.",
    DEFAULTS.certificateNames,
  ),
  reserved: defaulted(
    list(RANGE),
    "Ranges that something else uses: load-balancer pools, VPNs, other sites. No pod, service or host may have them.",
    DEFAULTS.reserved,
  ),
});

const RUNTIME_SERIES = text("runtime-form", /^[12]\.\d{1,2}$/, 'a series of two numbers, such as "2.3"');

const RUNTIME = struct({
  kind: defaulted(choice(["containerd", "docker"]), "What starts the containers.", DEFAULTS.runtime),
  version: defaulted(RUNTIME_SERIES, "Series of containerd; it decides the form of its file.", DEFAULTS.runtimeVersion),
});

const KUBERNETES = struct({
  version: defaulted(VERSION, "Release of Kubernetes.", DEFAULTS.version),
  runtime: section(RUNTIME, "The container runtime."),
  install: defaulted(
    either(choice(["packages"]), struct({ folder: required(HOST_FOLDER, "A folder that is on every host already.") })),
    "Where the programs come from: packages, or a folder on the hosts (without internet).",
    DEFAULTS.install,
  ),
});

const CNI = struct({
  kind: defaulted(choice(["flannel"]), "The network add-on.", DEFAULTS.cni),
  version: defaulted(FLANNEL_VERSION, "Its release.", DEFAULTS.flannelVersion),
  backend: defaulted(choice(["vxlan", "host-gw"]), "How packets travel between hosts.", DEFAULTS.flannelBackend),
});

const ALL = 'list what should answer: [0.0.0.0/0, "::/0"] for every address of a host';

const USERSPACE = "the userspace mode was removed in Kubernetes 1.26; use nftables or iptables";

const KUBE_PROXY = struct({
  mode: defaulted(
    choice(["nftables", "iptables", "ipvs"], { userspace: USERSPACE }),
    "How services are carried out.",
    DEFAULTS.proxyMode,
  ),
  nodePorts: defaulted(
    either(choice(["nodes", "primary"], { all: ALL }), list(RANGE, 1)),
    "Addresses on which node ports answer: nodes, primary (kube-proxy's own keyword), or a list of ranges.",
    DEFAULTS.nodePorts,
  ),
});

const SSH = struct(
  {
    user: defaulted(USER, "User on the hosts.", DEFAULTS.sshUser),
    port: defaulted(PORT, "Port of sshd.", DEFAULTS.sshPort),
    identityFile: optional(LOCAL_FILE, "File of the private key, relative to the spec; without it the SSH agent."),
    knownHosts: optional(LOCAL_FILE, "OpenSSH known_hosts file with the hosts' keys, relative to the spec."),
  },
  NO_SECRET_KEYS,
);

/** The whole document. */
export const SPEC = struct({
  name: required(NAME, "Name of the cluster and of its stack."),
  platform: defaulted(choice(["machine", "container"]), "What the hosts are.", DEFAULTS.platform),
  kubernetes: section(KUBERNETES, "Which Kubernetes, and from where."),
  network: section(NETWORK, "Addresses and names."),
  cni: section(CNI, "The network of the pods."),
  kubeProxy: section(KUBE_PROXY, "The network of the services."),
  ssh: section(SSH, "How the hosts are reached."),
  hosts: required(list(HOST, 1), "Every host of the cluster."),
  verification: section(
    struct({
      image: defaulted(IMAGE, "Image of the test pods.", DEFAULTS.image),
      keep: defaulted(FLAG, "Leave the test pods and their service in place afterwards.", DEFAULTS.keep),
      outside: optional(OUTSIDE, "A host that is no part of the cluster, from which it is tried."),
    }),
    "How the finished cluster is tried.",
  ),
});

/** A spec as it is written, with the plain defaults filled in; what is undefined was not written, or was reported. */
export type Draft = Value<typeof SPEC>;
export type DraftHost = Value<typeof HOST>;
export type DraftInterface = Value<typeof INTERFACE>;
export type DraftOutside = Value<typeof OUTSIDE>;
export type DraftHostSsh = Value<typeof HOST_SSH>;
