/** Rules about the release of Kubernetes, and about what goes with it. */

import { NODE_MASKS } from "../defaults";
import { nodeMask, proxyMode, runtimeOf } from "../derive";
import { FAMILIES } from "../families";
import { parseVersion, RELEASES, type Release, releaseOf, SET_UP, SINCE } from "../versions";
import type { Context } from "./context";

const VERSION = ["kubernetes", "version"];

/** The release is known, and still kept up. */
export function kubernetesVersion({ source, draft, today }: Context): void {
  const version = draft.kubernetes?.version;
  if (version === undefined || parseVersion(version) === undefined) return;
  const found = releaseOf(version);
  if (found === undefined) {
    const [first, last] = [RELEASES[0]!.minor, RELEASES.at(-1)!.minor];
    source.error(
      VERSION,
      "version-unknown",
      `dualstack knows Kubernetes 1.${first} to 1.${last}; choose a release of these`,
    );
    return;
  }
  if (today !== undefined && today > found.end) {
    const message = `the upkeep of Kubernetes 1.${found.minor} ended on ${found.end}; choose a release that still gets fixes`;
    source.warning(VERSION, "version-ended", message);
  }
  if (found.minor < SET_UP.first) {
    const message = `dualstack sets up 1.${SET_UP.first} to 1.${SET_UP.last}; for 1.${found.minor} it makes a plan that nobody has tried`;
    source.warning(VERSION, "version-untried", message);
  }
}

/** Where the programs come from has them. */
export function installSource({ source, draft }: Context): void {
  const found = releaseOf(draft.kubernetes?.version ?? "");
  if (found === undefined || found.minor >= SINCE.packages || draft.kubernetes?.install !== "packages") return;
  const message = `the official package repositories begin with 1.${SINCE.packages}; put the programs of 1.${found.minor} into a folder on the hosts`;
  source.error(["kubernetes", "install"], "packages-missing", `${message} and write install: {folder: ...}`);
}

/** The container runtime is one that the release can use. */
export function containerRuntime({ source, draft }: Context): void {
  const found = releaseOf(draft.kubernetes?.version ?? "");
  const path = ["kubernetes", "runtime"];
  if (found === undefined || draft.kubernetes?.runtime === undefined) return;
  if (runtimeOf(draft).kind === "docker") docker({ source, draft }, found);
  const { version } = draft.kubernetes.runtime;
  if (version === undefined || runtimeOf(draft).kind === "docker") return;
  if (found.containerd.length === 0 || found.containerd.includes(version) || isNewer(version, found.containerd[0]!))
    return;
  const tried = found.containerd.map((series) => `${series}`).join(", ");
  const message = `Kubernetes 1.${found.minor} is tried with containerd ${tried} (containerd's RELEASES.md); use one of these`;
  source.warning([...path, "version"], "containerd-untried", message);
}

function docker({ source, draft }: Pick<Context, "source" | "draft">, { minor }: Release): void {
  const path = ["kubernetes", "runtime", "kind"];
  if (minor > SINCE.lastDockershim) {
    const message = `kubelet's way to Docker (dockershim) is gone since Kubernetes 1.${SINCE.lastDockershim + 1}; use containerd`;
    source.error(path, "runtime-docker", message);
    return;
  }
  const message =
    "Docker as runtime ends with Kubernetes 1.23; dualstack writes its file, and neither installs nor restarts Docker";
  source.warning(path, "runtime-docker-old", message);
  if (draft.kubernetes?.runtime?.version !== undefined) {
    source.error(["kubernetes", "runtime", "version"], "runtime-version", "is the series of containerd; take it away");
  }
}

function isNewer(series: string, than: string): boolean {
  const [major = 0, minor = 0] = series.split(".").map(Number);
  const [otherMajor = 0, otherMinor = 0] = than.split(".").map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

/** The mode and the keywords of kube-proxy exist in the release. */
export function proxyVersion({ source, draft }: Context): void {
  const found = releaseOf(draft.kubernetes?.version ?? "");
  if (found === undefined) return;
  const [mode, path] = [proxyMode(draft), ["kubeProxy", "mode"]];
  if (mode === "nftables" && found.minor < SINCE.nftables) {
    const message = `kube-proxy has no nftables mode without a feature gate before 1.${SINCE.nftables}; use iptables`;
    source.error(path, "nftables-missing", message);
  } else if (mode === "nftables" && found.minor < SINCE.nftablesStable) {
    const message = `kube-proxy's nftables mode is beta before 1.${SINCE.nftablesStable}; use that release, or iptables`;
    source.warning(path, "nftables-beta", message);
  } else if (mode === "ipvs" && found.minor >= SINCE.ipvsDeprecated) {
    const message =
      "ipvs is deprecated since Kubernetes 1.35, off by default in 1.40 and removed in 1.43 (KEP-5495); use nftables";
    source.warning(path, "ipvs-deprecated", message);
  }
  if (draft.kubeProxy?.nodePorts === "primary" && found.minor < SINCE.nodePortsPrimary) {
    const message = `kube-proxy knows the keyword primary since 1.${SINCE.nodePortsPrimary}; use nodes, or list ranges`;
    source.error(["kubeProxy", "nodePorts"], "node-ports-primary", message);
  }
}

/** Settings that the release has no flag or field for. */
export function versionLimits({ source, draft, families = [] }: Context): void {
  const found = releaseOf(draft.kubernetes?.version ?? "");
  if (found === undefined) return;
  if (draft.platform === "container" && found.minor < SET_UP.first) {
    const message = `hosts that are containers need kubelet settings of 1.${SET_UP.first} or later; use such a release, or platform: machine`;
    source.error(["platform"], "platform-version", message);
  }
  if (families.length < 2) return;
  if (found.minor < SINCE.nodeIpPair) {
    const message = `before 1.${SINCE.nodeIpPair} kubelet takes one node address only: nodes show no address of ${families[1]}`;
    source.warning(VERSION, "node-ip-single", message);
  }
  for (const family of FAMILIES) {
    if (found.minor >= SINCE.nodeMaskPerFamily || nodeMask(draft, family) === NODE_MASKS[family]) continue;
    const message = `before 1.${SINCE.nodeMaskPerFamily} a cluster of two families has fixed node masks; use ${NODE_MASKS[family]}`;
    source.error(["network", "pods", "nodeMask", family], "node-mask-fixed", message);
  }
}
