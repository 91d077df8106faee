/** Everything that is looked at on each host before it is changed, one fact a row. Pure. */
import { platformSettings } from "../../hosts/platform";
import type { ClusterSpec } from "../../spec/types";
import { KERNELS, release, SINCE } from "../../spec/versions";
import type { Facts } from "./facts";
import type { Finder, HostCheck } from "./finding";
import { FIREWALL } from "./firewall";
import { NETWORK } from "./network";
import { portsOf } from "./ports";

const MIB = 1024;
const GIB = 1024 * MIB;

const number = ({ system }: Facts, name: string) => Number(system.get(name) ?? Number.NaN);

/** Found when a number is below `least`; a number that is not known is no finding. */
const below =
  (name: string, least: number, text: (value: number) => string): Finder =>
  (facts) =>
    number(facts, name) < least ? text(number(facts, name)) : undefined;

/** KiB of the file system of /var/lib; infinite where they are not known. */
function disk({ system }: Facts) {
  const [free = Number.POSITIVE_INFINITY, size = 0] = (system.get("disk")?.split(" ") ?? []).map(Number);
  return { free, size };
}

const ofPlanes =
  (find: Finder): Finder =>
  (facts, spec) =>
    facts.host.role === "control-plane" ? find(facts, spec) : undefined;

const gib = (kib: number) => `${(kib / GIB).toFixed(1)} GiB`;

function olderThan(kernel: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = kernel.split(".").map(Number.parseFloat);
  return a < major || (a === major && b < minor);
}

const swapMatters = ({ platform }: ClusterSpec) => platformSettings(platform).kubelet.failSwapOn !== false;

export const HOST_CHECKS: readonly HostCheck[] = [
  {
    code: "init",
    severity: "error",
    title: "systemd starts the services",
    find: ({ system }) => (system.get("init") === "systemd" ? undefined : "another init"),
    why: "services, timers and settings that outlive a restart are systemd's here",
    remedy: "use a distribution with systemd",
  },
  {
    code: "kernel",
    severity: "error",
    title: "the kernel has what the spec needs",
    find: ({ system }, { kubeProxy }) => {
      const kernel = system.get("kernel") ?? "";
      return kubeProxy.mode === "nftables" && olderThan(kernel, KERNELS.nftables) ? `kernel ${kernel}` : undefined;
    },
    why: `kube-proxy's nftables mode needs kernel ${KERNELS.nftables.join(".")} or later (KEP-3866)`,
    remedy: "update the host, or write kubeProxy: {mode: iptables}",
  },
  {
    code: "ipv6-off",
    severity: "error",
    title: "the kernel speaks every family",
    find: ({ system }, { network }) =>
      network.families.includes("ipv6") && system.get("ipv6") !== "yes"
        ? "IPv6 is switched off in the kernel"
        : undefined,
    why: "no setting brings IPv6 back that was switched off when the kernel started",
    remedy: "take ipv6.disable=1 out of the kernel's command line (/etc/default/grub), and restart the host",
  },
  {
    code: "cgroup-v1",
    severity: "error",
    title: "control groups are of version 2",
    find: ({ system }, { kubernetes, platform }) =>
      system.get("cgroup") === "v1" && release(kubernetes.version).minor >= SINCE.cgroupV2 && platform === "machine"
        ? "v1"
        : undefined,
    why: `kubelet does not start on cgroup v1 since Kubernetes 1.${SINCE.cgroupV2} (KEP-5573)`,
    remedy: "start the host with systemd.unified_cgroup_hierarchy=1",
  },
  {
    code: "swap",
    severity: "error",
    title: "swap is off",
    find: (facts, spec) =>
      swapMatters(spec) && number(facts, "swap") > 0 ? `${gib(number(facts, "swap"))} of swap` : undefined,
    why: "kubelet does not start with swap (failSwapOn)",
    remedy: "swapoff -a, and take the line with 'swap' out of /etc/fstab",
  },
  {
    code: "cpus",
    severity: "error",
    title: "enough processors",
    find: ofPlanes(below("cpus", 2, (found) => `${found} processor`)),
    why: "kubeadm init refuses fewer than 2 (NumCPU)",
    remedy: "give the control plane 2 processors or more",
  },
  {
    code: "memory",
    severity: "error",
    title: "enough memory",
    find: ofPlanes(below("memory", 1700 * MIB, gib)),
    why: "kubeadm init refuses fewer than 1700 MiB (Mem)",
    remedy: "give the control plane 2 GiB or more",
  },
  {
    code: "disk-full",
    severity: "error",
    title: "room in /var/lib",
    find: (facts) => (disk(facts).free < 2 * GIB ? `${gib(disk(facts).free)} free` : undefined),
    why: "images, etcd and logs go there; the images of a node alone take more than 1 GiB",
    remedy: "make room, or mount a larger disk at /var/lib",
  },
  {
    code: "disk-low",
    severity: "warning",
    title: "kubelet will not throw out pods for want of room",
    find: (facts) => {
      const { free, size } = disk(facts);
      return free >= 2 * GIB && free < 0.15 * size ? `${gib(free)} of ${gib(size)} free` : undefined;
    },
    why: "kubelet evicts pods when less than 15 % is free (imagefs.available)",
    remedy: "make room, or mount a larger disk at /var/lib",
  },
  {
    code: "packages",
    severity: "error",
    title: "a package manager that is known",
    find: ({ system }, { kubernetes }) =>
      kubernetes.install.from === "packages" && system.get("packages") === "" ? "neither apt-get nor dnf" : undefined,
    why: "kubernetes.install: packages uses the official repositories for apt and dnf",
    remedy: "stage the programs in a folder and write kubernetes: {install: {folder: ...}}",
  },
  {
    code: "cloud-init",
    severity: "error",
    title: "the host has finished its first start",
    find: ({ system }) =>
      /running|not started/.test(system.get("cloud-init") ?? "") ? "cloud-init still runs" : undefined,
    why: "it may still write the network and holds the package manager's lock",
    remedy: "wait: cloud-init status --wait",
  },
  {
    code: "foreign-cluster",
    severity: "error",
    title: "the host belongs to no other cluster",
    find: ({ system }) =>
      system.get("cluster") === "foreign" ? "files of a cluster that dualstack did not make" : undefined,
    why: "kubeadm refuses it, and what runs there would be lost",
    remedy: "kubeadm reset on the host, or take it out of the spec",
  },
  {
    code: "ports",
    severity: "error",
    title: "the ports of Kubernetes are free",
    find: (facts, spec) => {
      if (facts.system.get("cluster") === "ours") return undefined;
      const taken = portsOf(spec, facts.host).filter(({ port }) => facts.ports.has(port));
      return (
        taken.map(({ port, program }) => `${port} (${program}): taken by ${facts.ports.get(port)}`).join(", ") ||
        undefined
      );
    },
    why: "kubeadm refuses a taken port",
    remedy: "stop that program; the port of the API server is network.endpoint's",
  },
  {
    code: "runtime",
    severity: "warning",
    title: "no container runtime of somebody else",
    find: ({ runtimes }) => runtimes.join(", ") || undefined,
    why: "its configuration is replaced (and given back by pulumi destroy); containers that run there restart",
    remedy: "move what runs in it elsewhere, or remove it",
  },
  ...NETWORK,
  ...FIREWALL,
];
