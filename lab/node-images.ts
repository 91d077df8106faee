/** The images that a node needs before any registry can be asked: which, for which hosts, and what is in them when they are made here. */
import type { WheelProgram } from "./build/envoy";
import type { GoProgram } from "./build/programs";
import * as programs from "./build/programs";

/** What a program is made of. */
export type Program = GoProgram | WheelProgram;

/** An image that is made of programs built here. */
export interface StandIn {
  readonly tag: string;
  readonly program: Program;
  /** Where the program file lies in the image, and the names by which it is called. */
  readonly path: string;
  /** Which of the built files it is, where there are several; without it the one named like the program. */
  readonly file?: string;
  readonly links?: readonly string[];
  /** Programs of Debian lie beneath: a shell, nft, iptables, ipset, conntrack, ip, curl, dig; or these packages. */
  readonly tools?: boolean | readonly string[];
  /** Other files, each by its path in the image. */
  readonly besides?: Readonly<Record<string, Part>>;
  readonly entrypoint?: readonly string[];
}

/** Another of the built files; a script or a folder out of the program's module; a link to another path of the image. */
export type Part =
  | { readonly file: string }
  | { readonly script: string }
  | { readonly folder: string }
  | { readonly link: string };

/** Which hosts load an image. */
export type Audience = "node" | "control-plane";

/** What Debian adds to the images with `tools`. */
export const TOOL_PACKAGES = [
  "bind9-dnsutils",
  "ca-certificates",
  "conntrack",
  "curl",
  "iproute2",
  // by which kube-proxy's mode ipvs writes its sets (k/k pkg/proxy/ipvs/ipset)
  "ipset",
  "iptables",
  "kmod",
  "nftables",
];

/** What the lab's cluster runs that kubeadm does not name. */
export interface Addons {
  readonly flannel: string;
  readonly probe: string;
}

/** The flannel project's CNI plugin of each release: the tag that its manifest names. */
export function flannelCniTag(flannel: string): string {
  const known: Record<string, string> = { "0.26.7": "1.6.2-flannel1" };
  const version = known[flannel];
  if (!version)
    throw new Error(`cni.version ${flannel}: the lab knows the CNI plugin of flannel ${Object.keys(known).join(", ")}`);
  return `ghcr.io/flannel-io/flannel-cni-plugin:v${version}`;
}

/** The version that an image's tag names, without a leading v. */
export const versionOf = (tag: string) => /:(?:distroless-)?v?([\d.]+)/.exec(tag)![1]!;

/** The image of one program that it runs. */
export const one = (tag: string, program: Program, path: string): StandIn => ({
  tag,
  program,
  path,
  entrypoint: [`/${path}`],
});

/**
 * All images of a cluster of Kubernetes `version`: those that kubeadm names (`kubeadm config images list`), flannel's two,
 * and the one of the checks.
 */
export function standIns(
  version: string,
  kubeadmImages: readonly string[],
  addons: Addons,
): Record<Audience, StandIn[]> {
  const tagged = (name: string) => {
    const tag = kubeadmImages.find((image) => image.includes(`/${name}:`));
    if (!tag) throw new Error(`kubeadm ${version} names no image ${name}: ${kubeadmImages.join(", ")}`);
    return tag;
  };
  const kubernetes = (name: string, tools = false): StandIn => ({
    tag: tagged(name),
    program: programs.kubernetesProgram(version),
    path: "usr/local/bin/kubernetes",
    links: ["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"].map(
      (link) => `usr/local/bin/${link}`,
    ),
    tools,
  });
  const coredns = versionOf(tagged("coredns/coredns"));
  const flannel = programs.flannelProgram(addons.flannel);
  return {
    node: [
      kubernetes("kube-proxy", true),
      one(tagged("pause"), programs.pauseProgram(), "pause"),
      one(tagged("coredns/coredns"), programs.corednsProgram(coredns), "coredns"),
      { ...one(`ghcr.io/flannel-io/flannel:v${addons.flannel}`, flannel, "opt/bin/flanneld"), tools: true },
      { tag: flannelCniTag(addons.flannel), program: programs.flannelCniProgram(), path: "flannel", tools: true },
      { ...one(addons.probe, programs.agnhostProgram(programs.kubernetesSources(version)), "agnhost"), tools: true },
    ],
    "control-plane": [
      kubernetes("kube-apiserver"),
      kubernetes("kube-controller-manager"),
      kubernetes("kube-scheduler"),
      { tag: tagged("etcd"), program: programs.etcdProgram(versionOf(tagged("etcd"))), path: "usr/local/bin/etcd" },
    ],
  };
}
