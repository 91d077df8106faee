/** What hosts/scripts/kubernetes.sh and its parts do with changed files and values on a host that has joined. */
import { isDeepStrictEqual } from "node:util";
import { parseAllDocuments } from "yaml";
import type { Step } from "../../../hosts/document";
import type { ClusterSpec } from "../../../spec/types";
import type { Differences, FileChange } from "../changes";
import type { Effect } from "../impact";
import { modeChange, proxyEffects } from "./kube-proxy";

const CONFIG = "/etc/dualstack/kubeadm.yaml";

interface Document {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** What `reconfigure` and `follow` do on the control plane. */
export function initEffects(differences: Differences, from: Step, to: Step, old: ClusterSpec, wanted: ClusterSpec) {
  const [was, is] = [documents(from), documents(to)];
  const changed = (kind: string, field: string) => !isDeepStrictEqual(was.get(kind)?.[field], is.get(kind)?.[field]);
  const pods = changed("ClusterConfiguration", "controllerManager");
  const files = new Set(differences.files.map(({ handler }) => handler));
  return [
    ...proxyEffects(old, wanted, files.has("kube-proxy")),
    ...(pods ? [staticPods] : []),
    ...(files.has("certificate") ? [certificate] : []),
    ...kubeletEffects(differences),
    ...(changed("InitConfiguration", "nodeRegistration") ? [registration] : []),
  ];
}

/** A host that has joined does not read the files of its join again; the rest it follows. */
export function joinEffects(differences: Differences, old: ClusterSpec, wanted: ClusterSpec): Effect[] {
  const lines = differences.files
    .filter(({ path }) => path === CONFIG)
    .flatMap((file) => file.lines.flatMap(({ removed, added }) => [...removed, ...added]));
  const registers = lines.some((line) => /^\s+(- )?(name|value|node-ip|criSocket):/.test(line));
  const handlers = new Set(differences.files.map(({ handler }) => handler));
  const effects = [
    ...modeChange(old, wanted),
    ...kubeletEffects(differences),
    ...(handlers.has("control-plane") && old.kubernetes.version === wanted.kubernetes.version ? [memberRestarts] : []),
    ...(handlers.has("certificate") ? [certificate] : []),
    ...(registers ? [registration] : []),
  ];
  if (effects.length > 0 || differences.files.length === 0) return effects;
  return [{ impact: "nothing", what: "kubeadm reads these files when a host joins; this one has joined" }];
}

/** kubelet takes its configuration over from the cluster; what it gives to pods, running pods keep. */
function kubeletEffects({ files }: Differences): Effect[] {
  return files.flatMap((file) => {
    if (file.handler === "kubelet") return [kubelet, ...domain(file)];
    return file.path.endsWith("/resolv.conf") ? [nameServers] : [];
  });
}

function domain({ lines }: FileChange): Effect[] {
  const written = lines.flatMap(({ removed, added }) => [...removed, ...added]);
  return written.some((line) => /^(clusterDomain|cgroupDriver|clusterDNS):/.test(line)) ? [oldPods] : [];
}

function documents({ files }: Step): Map<string, Document> {
  const texts = files.filter(({ path }) => path.endsWith(".yaml")).map(({ text }) => text);
  const all = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Document));
  return new Map(all.map((document) => [document.kind, document]));
}

const staticPods: Effect = {
  impact: "restart",
  component: "kube-controller-manager",
  what: "kubelet starts new static pods; the API may be away for a minute",
};

const memberRestarts: Effect = {
  impact: "restart",
  component: "kube-apiserver, kube-controller-manager, kube-scheduler",
  what: "the manifests are written anew; kubelet restarts those static pods whose settings changed",
};

const certificate: Effect = {
  impact: "live",
  component: "kube-apiserver",
  what: "the certificate of the API is renewed with the changed names, by the same CA; the API server reads it without a restart",
};

const kubelet: Effect = {
  impact: "restart",
  component: "kubelet",
  what: "kubelet takes the changed configuration from the cluster and restarts; pods run on",
};

const oldPods: Effect = {
  impact: "not-applied",
  component: "pods",
  what: "pods that run already keep what kubelet gave them when they started",
  todo: "restart them host by host: kubectl drain, kubectl uncordon",
};

const nameServers: Effect = {
  impact: "not-applied",
  component: "CoreDNS",
  what: "pods that start from now on have the new name servers; running pods, CoreDNS among them, keep the old ones",
  todo: "kubectl -n kube-system rollout restart deployment coredns",
};

const registration: Effect = {
  impact: "not-applied",
  component: "kubelet",
  what: "the node keeps the --node-ip, the socket and the taints with which it joined",
  todo: "take the host out, and put it in again",
};
