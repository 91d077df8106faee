/** Rules about a cluster without kube-proxy. */
import { proxyMode } from "../derive";
import { releaseOf, SINCE } from "../versions";
import type { Context } from "./context";

/** The network add-ons that can carry the services themselves (Cilium: kubeProxyReplacement). */
const REPLACE_KUBE_PROXY: readonly string[] = ["cilium"];

/** Without kube-proxy no Service has an address that answers, unless the network add-on does its work. */
export function proxyNone({ source, draft }: Context): void {
  if (proxyMode(draft) !== "none") return;
  const [path, kind] = [["kubeProxy", "mode"], draft.cni?.kind];
  if (kind !== undefined && !REPLACE_KUBE_PROXY.includes(kind)) {
    const message = `${kind} does not carry services, so without kube-proxy no Service would answer; use nftables`;
    source.error(path, "proxy-none", message);
  }
  const found = releaseOf(draft.kubernetes?.version ?? "");
  if (found !== undefined && found.minor < SINCE.proxyDisabled) {
    const message = `kubeadm leaves kube-proxy out by its file since 1.${SINCE.proxyDisabled} (proxy.disabled); use such a release, or iptables`;
    source.error(path, "proxy-none-release", message);
  }
}
