/**
 * The typed spec: what the program works with after loading. Nothing here is optional that has a default,
 * and no address is text. `spec/load.ts` makes it, every other room reads it.
 */
import type { Address, Cidr } from "./addresses";
import type { Family, PerFamily } from "./families";
import type { Backend, Interface } from "./interface-types";
import type { Json } from "./shapes";
import type { Ingress, LoadBalancer } from "./way-in";

export type { Backend, Interface, InterfaceFamily } from "./interface-types";
export type { Json } from "./shapes";

/** A change of an object that lands in the cluster (addons/patches.ts). */
export interface Patch {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly merge: { readonly [key: string]: Json };
}

/** What a node is: a machine with a kernel of its own, a container that shares one (lab), or a container that kind made. */
export type Platform = "machine" | "container" | "kind";

/** Where the container runtime and the Kubernetes programs come from. */
export type Install =
  /** The official apt or dnf repositories (pkgs.k8s.io, and the runtime of the distribution or of Docker). */
  | { readonly from: "packages" }
  /** A folder already on every host (air gap): `bin/`, `cni/`, `images/{node,control-plane}/*.tar`. */
  | { readonly from: "folder"; readonly path: string };

/** What starts the containers. `version` is a series such as 2.3; it decides the form of containerd's file. */
export type Runtime = { readonly kind: "containerd"; readonly version: string } | { readonly kind: "docker" };

/** Where an sshd is, and whom it has to be. */
export interface SshEnd {
  /** Name or address to connect to; IPv6 without brackets. */
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Pinned host key, authorized_keys form: `ssh-ed25519 AAAA...`. */
  readonly hostKey: string;
}

export interface Ssh extends SshEnd {
  /** The host through which this one is reached (SSH's direct-tcpip, RFC 4254 section 7.2). */
  readonly jump?: SshEnd;
}

export type Role = "control-plane" | "worker";

export interface Host {
  /** Host name and node name: an RFC 1123 label. */
  readonly name: string;
  readonly role: Role;
  readonly ssh: Ssh;
  /** Who writes its interfaces; none: they are left as they are. */
  readonly backend: Backend;
  readonly interfaces: readonly Interface[];
  /** The node's address of each family: the first one of its interfaces. kubelet's `--node-ip`. */
  readonly addresses: PerFamily<Address>;
}

export interface PodRange {
  readonly cidr: Cidr;
  /** Prefix length of the range that each node gets. */
  readonly nodeMask: number;
}

export interface Endpoint {
  /** DNS name, or address (then `address` is set); without brackets. */
  readonly host: string;
  readonly address?: Address;
  readonly port: number;
  /** Addresses that the control planes hold together: one of them has each at a time. `host` is the primary one. */
  readonly virtual?: PerFamily<Address>;
}

interface CniCommon {
  readonly version: string;
  /** Bytes that the network between the hosts carries; without it each add-on looks. */
  readonly mtu?: number;
  /** The families in which packets of pods leave under their node's address. */
  readonly masquerade: readonly Family[];
}

export interface Flannel extends CniCommon {
  readonly kind: "flannel";
  readonly backend: "vxlan" | "wireguard" | "host-gw";
}

/** An etcd in which Calico keeps its data; the files are on this machine. */
export interface CalicoEtcd {
  readonly endpoints: readonly string[];
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

export interface Calico extends CniCommon {
  readonly kind: "calico";
  readonly backend: "vxlan" | "vxlan-cross-subnet" | "bgp";
  readonly install: "manifest" | "operator";
  /** Prefix lengths of the blocks in which nodes get addresses. */
  readonly blockSize: { readonly [F in Family]: number };
  readonly etcd?: CalicoEtcd;
}

export interface Cilium extends CniCommon {
  readonly kind: "cilium";
  readonly backend: "vxlan" | "geneve" | "native";
  readonly ipam: "kubernetes" | "cluster-pool";
}

export type Cni = Flannel | Calico | Cilium;

export interface KubeProxy {
  /** none: the network add-on carries the services. */
  readonly mode: "nftables" | "iptables" | "ipvs" | "none";
  /** nodes: the ranges of the hosts' own addresses; primary: kube-proxy's keyword; else these ranges. */
  readonly nodePorts: "nodes" | "primary" | readonly Cidr[];
}

/** A DNS cache on every node. */
export interface NodeLocalDns {
  /** Where the instance of each family listens, on every node. */
  readonly addresses: PerFamily<Address>;
  readonly image: string;
}

/** ip-masq-agent in place of the network add-on's masquerading. */
export interface IpMasq {
  /** Destinations, besides pods and services, that see the pods' own addresses. */
  readonly keep: readonly Cidr[];
  readonly image: string;
}

/** A host that is no part of the cluster, from which NodePorts are tried and which pods try to reach. */
export interface Outside {
  readonly name: string;
  readonly ssh: Ssh;
  readonly addresses: PerFamily<Address>;
}

/** A cluster in kind, which has no hosts. */
export interface Kind {
  readonly workers: number;
  readonly image: string;
  /** Docker's network of the nodes, with a range for each family of the cluster. */
  readonly network: PerFamily<Cidr> & { readonly name: string };
  /** What Docker gave to the nodes, by their names; known once they are there. */
  readonly addresses?: { readonly [node: string]: PerFamily<Address> };
}

export interface ClusterSpec {
  readonly name: string;
  readonly platform: Platform;
  readonly kubernetes: { readonly version: string; readonly install: Install; readonly runtime: Runtime };
  readonly network: {
    /** Primary family first. */
    readonly families: readonly Family[];
    readonly pods: PerFamily<PodRange>;
    readonly services: PerFamily<Cidr>;
    /** DNS servers that the cluster's DNS forwards to; empty: those of each host. */
    readonly dns: readonly Address[];
    readonly dnsDomain: string;
    /** Names and addresses (as text, canonical) beside those that every API certificate has. */
    readonly certificateNames: readonly string[];
    /** Ranges that something else uses. */
    readonly reserved: readonly Cidr[];
  };
  readonly endpoint: Endpoint;
  readonly cni: Cni;
  readonly kubeProxy: KubeProxy;
  /** undefined: there is none. */
  readonly nodeLocalDns: NodeLocalDns | undefined;
  readonly ipMasq: IpMasq | undefined;
  /** Folder or URL of the manifests of other projects; without it, their own sites. */
  readonly mirror?: string;
  readonly patches: readonly Patch[];
  /** In the order of the file: the first is the default. */
  readonly ingress: readonly Ingress[];
  readonly loadBalancer?: LoadBalancer;
  readonly ssh: { readonly identityFile?: string };
  /** Empty in kind; `nodesOf` has the nodes of every cluster. */
  readonly hosts: readonly Host[];
  readonly kind?: Kind;
  readonly verification: {
    readonly image: string;
    /** Leave the probe objects (a web server on every node, behind a NodePort Service) after the checks. */
    readonly keep: boolean;
    readonly outside?: Outside;
  };
}
