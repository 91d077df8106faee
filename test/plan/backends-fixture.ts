/** One rich host and small ones, and the network step that they get. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Step } from "../../hosts/document";
import { networkStep } from "../../hosts/network";
import { parseSpec } from "../../spec";

/** The rich host's spec, and the golden files of each back end. */
export const FOLDER = join(__dirname, "backends");
const RICH = readFileSync(join(FOLDER, "rich.yaml"), "utf8");
export const BACKENDS = ["systemd-networkd", "NetworkManager", "netplan", "ifcfg", "ifupdown", "none"] as const;

function stepOf(text: string): Step {
  const { spec } = parseSpec(text, { file: "rich.yaml" });
  return networkStep(spec, spec.hosts[0]!);
}

/** The rich host with this back end. */
export const rich = (backend: string) => stepOf(RICH.replace("backend: systemd-networkd", `backend: ${backend}`));

/** A host with one interface. `more` is written into it. */
export function small(backend: string, more: string, rest = ""): Step {
  return stepOf(`
name: small
network: {backend: ${backend}}
${rest}
hosts:
  - name: cp-1
    role: control-plane
    ssh: {hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS"}
    interfaces: [{name: eth0, ${more}}]
`);
}

/** Addresses and gateways, for {@link small}. */
export const V4 = "ipv4: {address: 10.0.0.11/24, gateway: 10.0.0.1}";
export const BOTH = `${V4}, ipv6: {address: "fd00:10::11/64", gateway: "fe80::1"}`;

/** The text of a planned file, or words that no file has. */
export function text({ files }: Step, path: string): string {
  return files.find((file) => file.path === path)?.text ?? `no ${path}`;
}

/** The values of a step under a name. */
export const values = (step: Step, name: string) =>
  step.values.filter(([one]) => one === name).map(([, value]) => value);
