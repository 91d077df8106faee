/**
 * What differs on a host that is a container: it shares the kernel of the machine around it, so kubelet, kube-proxy and
 * containerd must leave alone what belongs to that kernel, and take the cgroup version and swap as they are.
 */
import type { Platform } from "../spec/types";
import type { Plain } from "./serialize";

export interface PlatformSettings {
  /** Fields of KubeletConfiguration (kubelet.config.k8s.io/v1beta1). */
  readonly kubelet: { readonly [field: string]: Plain };
  /** Fields of KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1). */
  readonly kubeProxy: { readonly [field: string]: Plain };
  /** The CRI plugin may not lower OOM scores below containerd's own. */
  readonly restrictOomScore: boolean;
  readonly systemdCgroup: boolean;
  /** Is the kernel's memory its own, so that sizes of it can be set? */
  readonly ownKernel: boolean;
  /** Names of kubeadm's preflight checks that become warnings. */
  readonly ignorePreflightErrors: readonly string[];
}

const PLATFORMS: { readonly [P in Platform]: PlatformSettings } = {
  machine: {
    kubelet: { cgroupDriver: "systemd" },
    kubeProxy: {},
    restrictOomScore: false,
    ownKernel: true,
    systemdCgroup: true,
    ignorePreflightErrors: [],
  },
  container: {
    // failCgroupV1: true is the default since 1.35 (KEP-5573)
    kubelet: {
      cgroupDriver: "cgroupfs",
      failCgroupV1: false,
      failSwapOn: false,
      oomScoreAdj: 0,
      // the disk is that of the machine around, which others fill: by kubelet's defaults its nodes would evict every pod (kind does
      // the same, pkg/cluster/internal/kubeadm/config.go). Memory as kubelet has it by itself.
      imageGCHighThresholdPercent: 100,
      evictionHard: {
        "memory.available": "100Mi",
        "nodefs.available": "0%",
        "nodefs.inodesFree": "0%",
        "imagefs.available": "0%",
        "imagefs.inodesFree": "0%",
      },
    },
    kubeProxy: { oomScoreAdj: 0, conntrack: { maxPerCore: 0, min: 0 } },
    restrictOomScore: true,
    ownKernel: false,
    systemdCgroup: false,
    ignorePreflightErrors: ["SystemVerification", "Swap"],
  },
  // kind's own file has the rest, and its image a containerd of its own
  kind: {
    kubelet: { failCgroupV1: false, oomScoreAdj: 0 },
    kubeProxy: { oomScoreAdj: 0 },
    restrictOomScore: true,
    ownKernel: false,
    systemdCgroup: true,
    ignorePreflightErrors: [],
  },
};

/** The settings of a platform. */
export function platformSettings(platform: Platform): PlatformSettings {
  return PLATFORMS[platform];
}
