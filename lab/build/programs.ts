/** The programs that are built from Go modules where no download site can be reached: which module, which packages. */
import { join } from "node:path";

/** What stands in the place of a module: another version of it; a package of ours; or itself with our files over those of a folder. */
export type Instead =
  | { readonly version: string }
  | { readonly source: string }
  | { readonly over: string; readonly source: string };

/** One or more programs out of one Go module. */
export interface GoProgram {
  readonly name: string;
  readonly version: string;
  readonly module: string;
  /** The version of the module, where it is not that of the program. */
  readonly sources?: string;
  /** Main packages; empty: `source` is the program, with `module` as what it is made of. */
  readonly packages: readonly string[];
  /** Folder with a main.go of our own. */
  readonly source?: string;
  readonly cgo?: boolean;
  readonly tags?: string;
  /** Variables that the linker sets: `importpath.name=value`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Kubernetes: its staging modules are replaced by their published twins of this version. */
  readonly staging?: string;
  /** The module's own replacements of others and its exclusions count: `go get` takes those of the main module only. */
  readonly likeMain?: true;
  /** Modules that are others here than the program asks for. */
  readonly instead?: Readonly<Record<string, Instead>>;
  /** The program file, where it is not the last word of its package. */
  readonly rename?: Readonly<Record<string, string>>;
}

/** A folder beside this file with sources of our own. */
export const source = (name: string) => join(__dirname, name);

/**
 * Releases that are linked from the sources of another one: all that is compiled is in Go's cache by then, so the second release that an
 * upgrade needs costs seconds and not minutes. What such programs say of themselves, and no line of code, differs.
 */
const LINKED_FROM: { readonly [version: string]: string } = { "1.36.2": "1.36.3" };

/** The release whose sources a release of Kubernetes is built from. */
export const kubernetesSources = (version: string) => LINKED_FROM[version] ?? version;

/** kubeadm, kubelet, kubectl and the four kube-* as one program `kubernetes`. */
export function kubernetesProgram(version: string): GoProgram {
  const [major = "", minor = ""] = version.split(".");
  const sources = kubernetesSources(version);
  const variable = "k8s.io/component-base/version.git";
  return {
    name: "kubernetes",
    version,
    module: "k8s.io/kubernetes",
    packages: [],
    source: source("kubernetes"),
    ...(sources === version ? {} : { sources }),
    staging: sources.replace(/^1\./, "0."),
    variables: { [`${variable}Version`]: `v${version}`, [`${variable}Major`]: major, [`${variable}Minor`]: minor },
  };
}

/** The test program with which the checks answer and ask, from the sources of this Kubernetes version. */
export function agnhostProgram(version: string): GoProgram {
  return {
    name: "agnhost",
    version,
    module: "k8s.io/kubernetes",
    packages: ["k8s.io/kubernetes/test/images/agnhost"],
    staging: version.replace(/^1\./, "0."),
  };
}

/** etcd; its main package is the root of the module. */
export function etcdProgram(version: string): GoProgram {
  const module = "go.etcd.io/etcd/server/v3";
  return { name: "etcd", version, module, packages: [module], rename: { server: "etcd" } };
}

export function corednsProgram(version: string): GoProgram {
  const module = "github.com/coredns/coredns";
  return { name: "coredns", version, module, packages: [module] };
}

/** In place of NodeLocal DNSCache's own program, which is no Go module to be had (see its source). */
export function nodeCacheProgram(coredns: string): GoProgram {
  const module = "github.com/coredns/coredns";
  return { name: "node-cache", version: coredns, module, packages: [], source: source("node-cache") };
}

export function containerdProgram(version: string): GoProgram {
  const module = "github.com/containerd/containerd/v2";
  return {
    name: "containerd",
    version,
    module,
    packages: ["containerd", "containerd-shim-runc-v2", "ctr"].map((name) => `${module}/cmd/${name}`),
    tags: "no_btrfs no_devmapper",
    variables: { [`${module}/version.Version`]: `v${version}` },
  };
}

const CNI_PLUGINS = ["main/bridge", "main/ptp", "main/loopback", "main/host-device", "ipam/host-local"].concat([
  "meta/portmap",
  "meta/bandwidth",
  "meta/firewall",
  "meta/tuning",
]);

/** The plugins of the CNI project; flannel's own is not among them. */
export function cniPluginsProgram(version: string): GoProgram {
  const module = "github.com/containernetworking/plugins";
  return { name: "cni-plugins", version, module, packages: CNI_PLUGINS.map((name) => `${module}/plugins/${name}`) };
}

/** The `flannel` CNI plugin as the CNI project last had it; the one of the flannel project is no Go module to be had. */
export function flannelCniProgram(): GoProgram {
  const module = "github.com/containernetworking/plugins";
  return {
    name: "flannel-cni-plugin",
    version: "0.9.1",
    module,
    packages: [`${module}/plugins/meta/flannel`],
    rename: { flannel: "flannel-cni-plugin" },
  };
}

export function flannelProgram(version: string): GoProgram {
  const module = "github.com/flannel-io/flannel";
  const variables = { [`${module}/pkg/version.Version`]: `v${version}` };
  return { name: "flannel", version, module, packages: [module], cgo: true, variables };
}

/** MetalLB's two programs: `controller` gives addresses to Services, `speaker` announces them. */
export function metallbProgram(version: string): GoProgram {
  const module = "go.universe.tf/metallb";
  const packages = ["controller", "speaker"].map((name) => `${module}/${name}`);
  return { name: "metallb", version, module, packages, variables: { [`${module}/internal/version.version`]: version } };
}

/**
 * Traefik, without the pages of its dashboard, which are no part of the module, and without the some 160 DNS services by which it can
 * prove a name to an ACME server: they need the SDKs of many clouds, which take minutes to compile.
 */
export function traefikProgram(version: string): GoProgram {
  const module = "github.com/traefik/traefik/v3";
  const variables = { [`${module}/pkg/version.Version`]: version };
  const instead = { "github.com/go-acme/lego/v4": { over: "providers/dns", source: source("lego-dns") } };
  return { name: "traefik", version, module, packages: [`${module}/cmd/traefik`], likeMain: true, variables, instead };
}

/** kind; its main package is the root of the module. */
export function kindProgram(version: string): GoProgram {
  const module = "sigs.k8s.io/kind";
  return { name: "kind", version, module, packages: [module] };
}

export function helmProgram(version: string): GoProgram {
  const module = "helm.sh/helm/v3";
  const variables = { [`${module}/internal/version.version`]: `v${version}` };
  return { name: "helm", version, module, packages: [`${module}/cmd/helm`], variables };
}

/** The program of which every pod's sandbox consists. */
export function pauseProgram(): GoProgram {
  return { name: "pause", version: "1", module: "", packages: [], source: source("pause") };
}

/** The OCI runtime in front of runc for machines without CAP_SYS_RESOURCE. */
export function runtimeProgram(): GoProgram {
  return {
    name: "runc-without-sys-resource",
    version: "1",
    module: "",
    packages: [],
    source: source("runc-without-sys-resource"),
  };
}

export function pulumiProgram(version: string): GoProgram {
  const module = "github.com/pulumi/pulumi/pkg/v3";
  const variables = { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${version}` };
  return { name: "pulumi", version, module, packages: [`${module}/cmd/pulumi`], variables };
}

/** A Node.js language host of our own: the official one is part of no module that can be had (see its source). */
export function languageHostProgram(version: string): GoProgram {
  const module = "github.com/pulumi/pulumi/sdk/v3";
  return { name: "pulumi-language-nodejs", version, module, packages: [], source: source("language-host") };
}
