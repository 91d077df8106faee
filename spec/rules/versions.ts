/** Rules about versions. */
import { isSupported, NFTABLES_STABLE_MINOR, parseVersion, SUPPORTED_MINORS } from "../versions";
import type { Context } from "./context";

export function kubernetesVersion({ source, draft }: Context): void {
  const version = parseVersion(draft.kubernetes?.version ?? "");
  if (version === undefined) return;
  const path = ["kubernetes", "version"];
  if (!isSupported(version)) {
    const { first, last } = SUPPORTED_MINORS;
    source.error(
      path,
      "version-unsupported",
      `dualstack sets up Kubernetes 1.${first} to 1.${last}; choose a release of these`,
    );
  } else if (draft.kubeProxy?.mode === "nftables" && version.minor < NFTABLES_STABLE_MINOR) {
    const message = `kube-proxy's nftables mode is beta before 1.${NFTABLES_STABLE_MINOR}; use that, or kubeProxy.mode: iptables`;
    source.warning(path, "nftables-beta", message);
  }
}
