/** What a host that has joined needs for another release of Kubernetes (scripts/upgrade.sh). */
import type { ClusterSpec, Host } from "../spec/types";
import type { Step } from "./document";
import { platformSettings } from "./platform";

/** How long the pods of a node may take to go, in seconds: what a PodDisruptionBudget holds longer is not going to move by itself. */
export const DRAIN_SECONDS = 600;

/** The values of step kubernetes by which its host takes another release: which, from where, and by which Node it empties itself. */
export function upgradeValues({ kubernetes, platform }: ClusterSpec, host: Host): Step["values"] {
  const { version, install } = kubernetes;
  return [
    ["node", host.name],
    ["version", version],
    ...(install.from === "folder" ? [["folder", install.path] as const] : []),
    ["drain", String(DRAIN_SECONDS)],
    ...platformSettings(platform).ignorePreflightErrors.map((check) => ["ignore", check] as const),
  ];
}
