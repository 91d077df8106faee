/** What hosts/scripts/kubernetes.sh does with a changed kubeadm file on a running host: `reconfigure`, or nothing. */
import { isDeepStrictEqual } from "node:util";
import { parseAllDocuments } from "yaml";
import type { Step } from "../../../hosts/document";
import type { ClusterSpec } from "../../../spec/types";
import type { Differences } from "../changes";
import type { Effect } from "../impact";

const CONFIG = "/etc/dualstack/kubeadm.yaml";

interface Document {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** On the control plane any change of the kubeadm file makes `reconfigure` run. */
export function initEffects(before: Step, after: Step, old: ClusterSpec, wanted: ClusterSpec): Effect[] {
  const [was, is] = [documents(before), documents(after)];
  const changed = (kind: string, field: string) => !isDeepStrictEqual(was.get(kind)?.[field], is.get(kind)?.[field]);
  const differs = (kind: string) => !isDeepStrictEqual(was.get(kind), is.get(kind));
  if (![...is.keys()].some(differs)) return [];
  const version = changed("ClusterConfiguration", "kubernetesVersion");
  const pods = version || changed("ClusterConfiguration", "controllerManager");
  return [
    proxyRestarts(differs("KubeProxyConfiguration")),
    ...(pods ? [staticPods(version, wanted)] : []),
    ...(version ? [notUpgraded(old, wanted)] : []),
    ...(changed("ClusterConfiguration", "apiServer") ? [certificate] : []),
    ...(differs("KubeletConfiguration") ? [kubelets] : []),
    ...(changed("InitConfiguration", "nodeRegistration") ? [registration] : []),
  ];
}

/** A worker that has joined does not read its kubeadm file again. */
export function joinEffects({ files }: Differences): Effect[] {
  const lines = files
    .filter(({ path }) => path === CONFIG)
    .flatMap((file) => file.lines.flatMap(({ removed, added }) => [...removed, ...added]));
  const registers = lines.some((line) => /^\s+(- )?(name|value|node-ip|criSocket):/.test(line));
  if (registers) return [registration];
  if (files.length === 0) return [];
  return [{ impact: "nothing", what: "kubeadm reads these files when a host joins; this one has joined" }];
}

function documents({ files }: Step): Map<string, Document> {
  const text = files.find(({ path }) => path === CONFIG)?.text ?? "";
  const all = parseAllDocuments(text).map((document) => document.toJS() as Document);
  return new Map(all.map((document) => [document.kind, document]));
}

function proxyRestarts(itself: boolean): Effect {
  const why = itself
    ? "kube-proxy takes its new configuration"
    : "kube-proxy restarts too, as with every change of this file";
  const what = `${why}; its pods are replaced node by node, rules stay in force meanwhile`;
  return { impact: "restart", component: "kube-proxy", what, everywhere: true };
}

function staticPods(version: boolean, { kubernetes }: ClusterSpec): Effect {
  const component = version ? "kube-apiserver, kube-controller-manager, kube-scheduler" : "kube-controller-manager";
  const release = version ? ` of v${kubernetes.version} (kubeadm init phase, not kubeadm upgrade)` : "";
  const what = `kubelet starts new static pods${release}; the API may be away for a minute`;
  return { impact: "restart", component, what };
}

function notUpgraded(old: ClusterSpec, { kubernetes: { version } }: ClusterSpec): Effect {
  return {
    impact: "not-applied",
    component: "etcd, CoreDNS",
    what: `both stay as v${old.kubernetes.version} brought them: dualstack does not run kubeadm upgrade`,
    todo: `on the control plane, after pulumi up: kubeadm upgrade apply v${version}`,
  };
}

const certificate: Effect = {
  impact: "not-applied",
  component: "kube-apiserver",
  what: "the certificate of the API keeps its names: only kubeadm's record of them changes",
  todo: "on the control plane: move /etc/kubernetes/pki/apiserver.crt and .key away, run kubeadm init phase certs apiserver --config /etc/dualstack/kubeadm.yaml, restart kube-apiserver",
};

const kubelets: Effect = {
  impact: "not-applied",
  component: "kubelet",
  what: "only the ConfigMap kubelet-config changes: kubelets of joined hosts keep their configuration, hosts that join later have the new one",
  todo: "on each host: kubeadm upgrade node phase kubelet-config, systemctl restart kubelet",
  everywhere: true,
};

const registration: Effect = {
  impact: "not-applied",
  component: "kubelet",
  what: "kubelet keeps the --node-ip and the socket with which the host joined",
  todo: "take the host out, and put it in again",
};
