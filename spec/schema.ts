/** The language of a spec, whole: every field, what it may hold, its default and what it is for. */
import { DEFAULTS } from "./defaults";
import { CNI } from "./fields/cni";
import { HOST, OUTSIDE } from "./fields/hosts";
import { INGRESS } from "./fields/ingress";
import type { INTERFACE } from "./fields/interfaces";
import { IP_MASQ } from "./fields/ip-masq";
import { KIND } from "./fields/kind";
import { KUBE_PROXY } from "./fields/kube-proxy";
import { LOAD_BALANCER, type POOL } from "./fields/load-balancer";
import { NETWORK } from "./fields/network";
import { NODE_LOCAL_DNS } from "./fields/node-local-dns";
import { MIRROR, type PATCH, PATCHES } from "./fields/objects";
import { type HOST_SSH, SSH } from "./fields/ssh";
import { choice, defaulted, either, FLAG, list, optional, required, section, struct, text, type Value } from "./shapes";
import { HOST_FOLDER, IMAGE, NAME, VERSION } from "./texts";

const RUNTIME_SERIES = text("runtime-form", /^[12]\.\d{1,2}$/, 'a series of two numbers, such as "2.3"');

const RUNTIME = struct({
  kind: defaulted(choice(["containerd", "docker"]), "What starts the containers.", DEFAULTS.runtime),
  version: defaulted(RUNTIME_SERIES, "Series of containerd; it decides the form of its file.", DEFAULTS.runtimeVersion),
});

const KUBERNETES = struct({
  version: defaulted(
    VERSION,
    "Release of Kubernetes. A later one upgrades the cluster that runs, by one minor release at a time.",
    DEFAULTS.version,
  ),
  runtime: section(RUNTIME, "The container runtime."),
  install: defaulted(
    either(choice(["packages"]), struct({ folder: required(HOST_FOLDER, "A folder that is on every host already.") })),
    "Where the programs come from: packages, or a folder on the hosts (without internet).",
    DEFAULTS.install,
  ),
});

const GATES = "dualstack sets the gates that a release needs, and no others";

/** The whole document. */
export const SPEC = struct(
  {
    name: required(NAME, "Name of the cluster and of its stack."),
    platform: defaulted(choice(["machine", "container"]), "What the hosts are.", DEFAULTS.platform),
    kubernetes: section(KUBERNETES, "Which Kubernetes, and from where."),
    network: section(NETWORK, "Addresses and names."),
    cni: section(CNI, "The network of the pods."),
    kubeProxy: section(KUBE_PROXY, "The network of the services."),
    nodeLocalDns: section(NODE_LOCAL_DNS, "A DNS cache on every node (NodeLocal DNSCache)."),
    ipMasq: section(IP_MASQ, "Who masquerades, where it is not the network add-on (ip-masq-agent)."),
    mirror: MIRROR,
    patches: PATCHES,
    ingress: defaulted(
      list(INGRESS),
      "Ingress controllers; the first is the one for what names no class.",
      DEFAULTS.ingresses,
    ),
    loadBalancer: optional(LOAD_BALANCER, "Addresses for Services of type LoadBalancer."),
    ssh: section(SSH, "How the hosts are reached."),
    hosts: optional(list(HOST, 1), "Every host of the cluster; required, except in kind."),
    kind: optional(KIND, "In place of hosts: a cluster in kind, whose nodes are containers on this machine."),
    verification: section(
      struct({
        image: defaulted(IMAGE, "Image of the test pods.", DEFAULTS.image),
        keep: defaulted(FLAG, "Leave the test pods and their service in place afterwards.", DEFAULTS.keep),
        outside: optional(OUTSIDE, "A host that is no part of the cluster, from which it is tried."),
      }),
      "How the finished cluster is tried.",
    ),
  },
  {
    nodes: "the machines are listed as hosts",
    featureGates: GATES,
  },
);

/** A spec as it is written, with the plain defaults filled in; what is undefined was not written, or was reported. */
export type Draft = Value<typeof SPEC>;
export type DraftHost = Value<typeof HOST>;
export type DraftInterface = Value<typeof INTERFACE>;
export type DraftIngress = Value<typeof INGRESS>;
export type DraftKind = Value<typeof KIND>;
export type DraftPool = Value<typeof POOL>;
export type DraftLoadBalancer = Value<typeof LOAD_BALANCER>;
export type DraftOutside = Value<typeof OUTSIDE>;
export type DraftPatch = Value<typeof PATCH>;
export type DraftHostSsh = Value<typeof HOST_SSH>;
