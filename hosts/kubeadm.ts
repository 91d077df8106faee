/** Step kubernetes: the kubeadm files of a host, in the form that the release reads (spec/versions.ts). */
import { hostPort } from "../spec/addresses";
import { inOrder } from "../spec/families";
import type { ClusterSpec, Host } from "../spec/types";
import type { PlannedFile, Step } from "./document";
import { dualStackGate, extraArgs, kubeadmApi, nodeIp, nodeMaskArgs, podSubnet } from "./forms";
import { kubeProxyFiles } from "./kube-proxy";
import { kubeletFiles } from "./kubelet";
import { platformSettings } from "./platform";
import { toYaml } from "./serialize";
import { upgradeValues } from "./upgrade";
import { virtualAddressFiles, virtualValues } from "./virtual-address";

const CONFIG = "/etc/dualstack/kubeadm.yaml";
const CA = "/etc/dualstack/ca.crt";
const DISCOVERY = "/etc/dualstack/discovery.yaml";

/** The step that makes the first control plane: `kubeadm init`. */
export function initStep(spec: ClusterSpec, host: Host): Step {
  return {
    name: "kubernetes",
    files: [
      identity(spec),
      kubeadmFile(initConfiguration(spec, host), clusterConfiguration(spec)),
      certificateFile(spec),
      ...virtualAddressFiles(spec, host),
      ...kubeletFiles(spec),
      ...kubeProxyFiles(spec),
    ],
    values: [
      ["role", "init"],
      ...upgradeValues(spec, host),
      ["port", String(spec.endpoint.port)],
      proxyValue(spec),
      ...virtualValues(spec),
    ],
  };
}

/**
 * The step that makes a host a worker: `kubeadm join`. The certificate of the cluster's CA is known only when the cluster lives: see
 * `withAuthority`. What all hosts share is printed once.
 */
export function joinSteps(spec: ClusterSpec): (host: Host) => Step {
  const shared = [discovery(spec), ...kubeletFiles(spec)];
  return (host) => ({
    name: "kubernetes",
    files: [kubeadmFile(joinConfiguration(spec, host)), ...shared],
    values: [["role", "join"], ...upgradeValues(spec, host), proxyValue(spec)],
  });
}

/** Every host follows the mode: it takes away what the old one left on it. */
export function proxyValue(spec: ClusterSpec): readonly [string, string] {
  return ["proxy", spec.kubeProxy.mode];
}

/** A join step with the cluster's CA certificate (PEM) among its files. */
export function withAuthority(step: Step, certificate: string): Step {
  return { ...step, files: [...step.files, { path: CA, mode: "0644", handler: "none", text: certificate }] };
}

/** The file that kubeadm is given. */
export function kubeadmFile(...documents: readonly object[]): PlannedFile {
  return { path: CONFIG, mode: "0600", handler: "kubeadm", text: toYaml(...documents) };
}

/** What a running cluster cannot change in place; the host refuses a step in which it differs. */
export function identity(spec: ClusterSpec): PlannedFile {
  const { families, dnsDomain } = spec.network;
  const text = toYaml({
    name: spec.name,
    families,
    pods: podSubnet(spec),
    services: serviceSubnet(spec),
    nodeMasks: inOrder(families, spec.network.pods).map(({ nodeMask }) => nodeMask),
    dnsDomain,
    endpoint: controlPlaneEndpoint(spec),
  });
  return { path: "/etc/dualstack/identity", mode: "0644", handler: "none", text };
}

const SOCKETS = { containerd: "unix:///run/containerd/containerd.sock", docker: "/var/run/dockershim.sock" } as const;

function nodeRegistration(spec: ClusterSpec, host: Host) {
  const { ignorePreflightErrors } = platformSettings(spec.platform);
  return {
    name: host.name,
    criSocket: SOCKETS[spec.kubernetes.runtime.kind],
    kubeletExtraArgs: extraArgs(spec, [["node-ip", nodeIp(spec, host)]]).extraArgs,
    ...(ignorePreflightErrors.length > 0 ? { ignorePreflightErrors } : {}),
    // kubeadm keeps pods away from control planes; without a worker there is no other place for them
    ...(spec.hosts.every(({ role }) => role === "control-plane") ? { taints: [] } : {}),
  };
}

/** The advertise address is one address, of the family of the first service range (kube-apiserver validatePublicIPServiceClusterIPRangeIPFamilies). */
export function initConfiguration(spec: ClusterSpec, host: Host) {
  return {
    apiVersion: kubeadmApi(spec),
    kind: "InitConfiguration",
    // left out, kubeadm would make a token that lets hosts in for a day; this one lets nobody in: its group has no rights.
    // Without "authentication" kubeadm refuses the group that it fills in by itself (ValidateTokenGroups).
    bootstrapTokens: [
      {
        token: "000000.0000000000000000",
        ttl: "1s",
        usages: ["signing", "authentication"],
        groups: ["system:bootstrappers:dualstack:nobody"],
      },
    ],
    localAPIEndpoint: {
      advertiseAddress: String(inOrder(spec.network.families, host.addresses)[0]),
      bindPort: spec.endpoint.port,
    },
    nodeRegistration: nodeRegistration(spec, host),
  };
}

/** What all control planes share. */
export function clusterConfiguration(spec: ClusterSpec) {
  const { dnsDomain } = spec.network;
  const gate = dualStackGate(spec);
  return {
    apiVersion: kubeadmApi(spec),
    kind: "ClusterConfiguration",
    clusterName: spec.name,
    kubernetesVersion: `v${spec.kubernetes.version}`,
    controlPlaneEndpoint: controlPlaneEndpoint(spec),
    networking: { podSubnet: podSubnet(spec), serviceSubnet: serviceSubnet(spec), dnsDomain },
    apiServer: { certSANs: certificateNames(spec), ...extraArgs(spec, gate.args) },
    controllerManager: extraArgs(spec, [...nodeMaskArgs(spec), ...gate.args]),
    ...(spec.kubeProxy.mode === "none" ? { proxy: { disabled: true } } : {}),
    ...gate.fields,
  };
}

/** Its change tells the script to renew the certificate. */
export function certificateFile(spec: ClusterSpec): PlannedFile {
  const text = certificateNames(spec)
    .map((name) => `${name}\n`)
    .join("");
  return { path: "/etc/dualstack/certificate-names", mode: "0644", handler: "certificate", text };
}

/** kubeadm adds the primary addresses by itself; those of the second family it does not (k/k util/pkiutil GetAPIServerAltNames). */
export function certificateNames(spec: ClusterSpec): string[] {
  const planes = spec.hosts.filter(({ role }) => role === "control-plane");
  const addresses = planes.flatMap(({ addresses }) => inOrder(spec.network.families, addresses).map(String));
  const virtual = inOrder(spec.network.families, spec.endpoint.virtual ?? {}).map(String);
  const names = [spec.endpoint.host, ...virtual, ...planes.map(({ name }) => name), ...addresses];
  return [...new Set([...names, ...spec.network.certificateNames])];
}

/** What every host that joins has in its file. */
export function joinConfiguration(spec: ClusterSpec, host: Host) {
  return {
    apiVersion: kubeadmApi(spec),
    kind: "JoinConfiguration",
    discovery: { file: { kubeConfigPath: DISCOVERY } },
    nodeRegistration: nodeRegistration(spec, host),
  };
}

/** How a host that joins finds and trusts the API server: the CA itself is pinned; the token stays in a file of the host. */
export function discovery(spec: ClusterSpec): PlannedFile {
  const text = toYaml({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "join",
    clusters: [
      {
        name: spec.name,
        cluster: { server: `https://${controlPlaneEndpoint(spec)}`, "certificate-authority": CA },
      },
    ],
    contexts: [{ name: "join", context: { cluster: spec.name, user: "join" } }],
    users: [{ name: "join", user: { tokenFile: "/var/lib/dualstack/join-token" } }],
  });
  return { path: DISCOVERY, mode: "0600", handler: "kubeadm", text };
}

function controlPlaneEndpoint({ endpoint }: ClusterSpec): string {
  return hostPort(endpoint.host, endpoint.port);
}

/** The service ranges in order. */
export function serviceSubnet(spec: ClusterSpec): string {
  return inOrder(spec.network.families, spec.network.services).join(",");
}
