/** Releases of Kubernetes as data: what each takes, and until when it was kept up. Nothing else in dualstack compares version numbers. */

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Reads `1.36.3`; undefined for any other form. */
export function parseVersion(text: string): Version | undefined {
  const match = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text);
  if (match === null) return undefined;
  const [major, minor, patch] = match.slice(1).map(Number) as [number, number, number];
  return { major, minor, patch };
}

export type KubeadmApi = "v1beta2" | "v1beta3" | "v1beta4";

/** A minor release of Kubernetes 1. */
export interface Release {
  readonly minor: number;
  /** The newest form of its files that its kubeadm reads. */
  readonly kubeadm: KubeadmApi;
  /** Last day of its upkeep (kubernetes/website data/releases/eol.yaml, schedule.yaml). */
  readonly end: string;
  /** Tag of the pause image (PauseVersion of its kubeadm). */
  readonly pause: string;
  /** Series of containerd that are tried with it, newest first (containerd RELEASES.md); empty: older than that table. */
  readonly containerd: readonly string[];
}

const of = (minor: number, kubeadm: KubeadmApi, end: string, pause: string, ...containerd: string[]): Release => ({
  minor,
  kubeadm,
  end,
  pause,
  containerd,
});

/** Every release that a spec may name. */
export const RELEASES: readonly Release[] = [
  of(16, "v1beta2", "2020-09-02", "3.1"),
  of(17, "v1beta2", "2021-01-13", "3.1"),
  of(18, "v1beta2", "2021-06-18", "3.2"),
  of(19, "v1beta2", "2021-10-28", "3.2"),
  of(20, "v1beta2", "2022-02-28", "3.2"),
  of(21, "v1beta2", "2022-06-28", "3.4.1"),
  of(22, "v1beta3", "2022-12-08", "3.5"),
  of(23, "v1beta3", "2023-02-28", "3.6"),
  of(24, "v1beta3", "2023-07-28", "3.7", "1.6", "1.5"),
  of(25, "v1beta3", "2023-10-28", "3.8", "1.6", "1.5"),
  of(26, "v1beta3", "2024-02-28", "3.9", "1.7", "1.6"),
  of(27, "v1beta3", "2024-07-16", "3.9", "1.7", "1.6"),
  of(28, "v1beta3", "2024-10-22", "3.9", "1.7", "1.6"),
  of(29, "v1beta3", "2025-02-28", "3.9", "1.7", "1.6"),
  of(30, "v1beta3", "2025-07-15", "3.9", "2.0", "1.7", "1.6"),
  of(31, "v1beta4", "2025-11-11", "3.10", "2.0", "1.7", "1.6"),
  of(32, "v1beta4", "2026-02-28", "3.10", "2.1", "2.0", "1.7", "1.6"),
  of(33, "v1beta4", "2026-06-28", "3.10", "2.1", "2.0", "1.7", "1.6"),
  of(34, "v1beta4", "2026-10-27", "3.10.1", "2.1", "2.0", "1.7", "1.6"),
  of(35, "v1beta4", "2027-02-28", "3.10.1", "2.2", "2.1", "1.7"),
  of(36, "v1beta4", "2027-06-28", "3.10.2", "2.3", "2.2"),
  of(37, "v1beta4", "2027-10-28", "3.10.2", "2.3"),
];

/** The minor releases that dualstack sets up. Of older ones it makes plans, and nobody has tried them. */
export const SET_UP = { first: 31, last: 37 } as const;

/** Minor releases at which something begins or ends. */
export const SINCE = {
  /** kube-controller-manager: --node-cidr-mask-size-ipv4 and -ipv6. */
  nodeMaskPerFamily: 17,
  /** kube-proxy: the field detectLocalMode. */
  detectLocalMode: 18,
  /** kubeadm v1beta4: the field proxy.disabled. */
  proxyDisabled: 31,
  /** kubelet: --node-ip takes a pair (kubernetes#95239). */
  nodeIpPair: 20,
  /** Last release whose components must be told IPv6DualStack=true; the gate is gone in 1.25. */
  lastDualStackGate: 20,
  /** Last kubelet with the dockershim. */
  lastDockershim: 23,
  /** Oldest release in the official package repositories (pkgs.k8s.io). */
  packages: 24,
  /** kube-proxy nftables: beta and on (KEP-3866); before that a gate that dualstack does not set. */
  nftables: 31,
  nftablesStable: 33,
  /** kube-proxy: nodePortAddresses: primary. */
  nodePortsPrimary: 31,
  /** kube-proxy ipvs: deprecated; off by default in 1.40, removed in 1.43 (KEP-5495). */
  ipvsDeprecated: 35,
  /** kubelet: does not start on cgroup v1 (KEP-5573). */
  cgroupV2: 35,
} as const;

/** The release of `version`; undefined when dualstack does not know it. */
export function releaseOf(version: string): Release | undefined {
  const parsed = parseVersion(version);
  return parsed?.major === 1 ? RELEASES.find(({ minor }) => minor === parsed.minor) : undefined;
}

/**
 * The release of a loaded spec.
 * @throws Error for a release that the rules of the spec refuse.
 */
export function release(version: string): Release {
  const found = releaseOf(version);
  if (found === undefined) throw new Error(`the rules let Kubernetes ${version} through`);
  return found;
}

/** Do the components of this release have to be told that the cluster has two families? */
export function needsDualStackGate({ minor }: Release, families: readonly unknown[]): boolean {
  return families.length > 1 && minor <= SINCE.lastDualStackGate;
}

/** containerd 1.x reads configuration version 2, containerd 2.x version 3 (containerd docs/cri/config.md). */
export function containerdConfigVersion(series: string): 2 | 3 {
  return series.startsWith("1.") ? 2 : 3;
}
