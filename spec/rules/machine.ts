/** What a host's system must have, where the spec says what it has: kernel and control groups. */
import { proxyMode } from "../derive";
import type { Path } from "../problems";
import { releaseOf, SINCE } from "../versions";
import { type Context, hostPlaces } from "./context";

interface Need {
  /** Oldest kernel, as two numbers. */
  readonly kernel: readonly [number, number];
  /** An older one that has it all the same. */
  readonly also?: string;
  readonly what: string;
  readonly wayOut: string;
  readonly applies: (context: Context) => boolean;
}

const NEEDS: readonly Need[] = [
  {
    kernel: [5, 13],
    what: "kube-proxy's nftables mode (KEP-3866)",
    wayOut: "kubeProxy.mode: iptables",
    applies: ({ draft }) => proxyMode(draft) === "nftables",
  },
  {
    kernel: [3, 12],
    what: "VXLAN over IPv6 (flannel's documentation)",
    wayOut: "cni.backend: host-gw",
    applies: ({ draft: { cni }, families = [] }) =>
      cni?.kind === "flannel" && cni.backend === "vxlan" && families.includes("ipv6"),
  },
  {
    kernel: [5, 6],
    what: "WireGuard",
    wayOut: "cni.backend: vxlan",
    applies: ({ draft: { cni } }) => cni?.backend === "wireguard",
  },
  {
    kernel: [5, 10],
    what: "Calico (its system requirements)",
    wayOut: "cni.kind: flannel",
    applies: ({ draft: { cni } }) => cni?.kind === "calico",
  },
  {
    kernel: [5, 10],
    // RHEL 8 has what Cilium needs in a kernel of this number
    also: "4.18",
    what: "Cilium (its system requirements)",
    wayOut: "cni.kind: flannel",
    applies: ({ draft: { cni } }) => cni?.kind === "cilium",
  },
];

export function kernels(context: Context): void {
  const needs = NEEDS.filter(({ applies }) => applies(context));
  for (const { path, value } of hostPlaces(context)) {
    const kernel = value.machine?.kernel;
    if (kernel === undefined) continue;
    for (const need of needs) checkKernel(context, [...path, "machine", "kernel"], kernel, need);
  }
}

function checkKernel({ source }: Context, path: Path, kernel: string, need: Need): void {
  const { kernel: oldest, also, what, wayOut } = need;
  if (kernel === also) return;
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  const message = `${what} needs kernel ${oldest.join(".")} or later; update the host, or use ${wayOut}`;
  source.error(path, "kernel-old", message);
}

/** Kubernetes 1.31 put cgroup v1 into maintenance; kubelet 1.35 does not start there (KEP-5573). */
export function controlGroups(context: Context): void {
  const { source, draft } = context;
  const minor = releaseOf(draft.kubernetes?.version ?? "")?.minor;
  if (minor === undefined || minor < MAINTENANCE) return;
  for (const { path, value } of hostPlaces(context)) {
    if (value.machine?.cgroup !== "v1") continue;
    const at = [...path, "machine", "cgroup"];
    if (minor >= SINCE.cgroupV2 && draft.platform !== "container") {
      const message = `kubelet does not start on cgroup v1 since Kubernetes 1.${SINCE.cgroupV2} (KEP-5573)`;
      source.error(
        at,
        "cgroup-v1",
        `${message}; start the host with systemd.unified_cgroup_hierarchy=1, or use an older release`,
      );
    } else {
      const message = `cgroup v1 is deprecated, and refused by kubelet since 1.${SINCE.cgroupV2} (KEP-5573); move the host to v2`;
      source.warning(at, "cgroup-v1-deprecated", message);
    }
  }
}

const MAINTENANCE = 31;
