/** What a host is asked to find out whether it is as planned. Pure. */
import type { Step } from "../../hosts/document";
import type { Question } from "../../hosts/look";
import type { ClusterSpec } from "../../spec/types";
import { type HostPlan, steps } from "../plan";

/** The CA of the cluster on its control planes; hosts that joined keep it in a file of the step (hosts/kubeadm.ts). */
export const CLUSTER_CA = "/etc/kubernetes/pki/ca.crt";
export const JOINED_CA = "/etc/dualstack/ca.crt";

/** Does this host join a cluster that another host makes? */
export function joinsCluster({ kubernetes }: HostPlan): boolean {
  return kubernetes.values.some(([name, value]) => name === "role" && value === "join");
}

/** Every question about one host. */
export function questionsAbout(plan: HostPlan): Question[] {
  return [
    ...steps(plan).flatMap((step) => [
      `step ${step.name}`,
      ...step.files.map(({ path }) => `file ${path}`),
      ...sysctlsOf(step).map(([key]) => `sysctl ${key}`),
      ...modulesOf(step).map((name) => `module ${name}`),
    ]),
    `file ${joinsCluster(plan) ? JOINED_CA : CLUSTER_CA}`,
    "addresses",
    "routes 4",
    "routes 6",
    ...servicesOf(plan).map(([name]) => `service ${name}`),
    ...["kubelet", "kubeadm", "containerd"].map((program) => `version ${program}`),
  ];
}

/** Keys and values that a step's sysctl files set, in their order (sysctl.d(5)). */
export function sysctlsOf({ files }: Step): (readonly [key: string, value: string])[] {
  const lines = files.filter(({ handler }) => handler === "sysctl").flatMap(({ text }) => text.split("\n"));
  return lines.flatMap((line) => {
    const [, key, value] = /^-?\s*([^#;=\s][^=\s]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    return key === undefined || value === undefined || key.includes("*") ? [] : [[key, value] as const];
  });
}

/** Kernel modules that a step's files name (modules-load.d(5)). */
export function modulesOf({ files }: Step): string[] {
  const lines = files.filter(({ handler }) => handler === "modules").flatMap(({ text }) => text.split("\n"));
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !/^[#;]/.test(line));
}

/** Services that must be enabled and run, each with the step that sees to it. */
export function servicesOf({ network, system, kubernetes }: HostPlan): (readonly [name: string, step: Step])[] {
  const runtime = system.files.some(({ path }) => path.startsWith("/etc/docker/")) ? "docker" : "containerd";
  const backend = network.values.find(([name]) => name === "backend")?.[1] ?? "none";
  const manager = MANAGERS[backend];
  const holder = kubernetes.files.some(({ handler }) => handler === "virtual-address");
  return [
    ...(manager ? [[manager, network] as const] : []),
    [runtime, system],
    ["kubelet", kubernetes],
    ...(holder ? [["keepalived", kubernetes] as const] : []),
  ];
}

/** netplan's generator starts networkd for its files, and who reads ifcfg files is for the host to say: neither is enabled by a plan. */
const MANAGERS: { readonly [backend: string]: string | undefined } = {
  "systemd-networkd": "systemd-networkd",
  NetworkManager: "NetworkManager",
  ifupdown: "networking",
};

/** The form of a version on the host, and what is planned. */
export function versionsOf({
  kubernetes: { version },
}: ClusterSpec): readonly (readonly [program: string, version: string])[] {
  return [
    ["kubelet", `v${version}`],
    ["kubeadm", `v${version}`],
  ];
}
