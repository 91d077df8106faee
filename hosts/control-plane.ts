/** Step kubernetes of a control plane that joins: the cluster's keys come encrypted from the first one (kubeadm init phase upload-certs). */
import { inOrder } from "../spec/families";
import type { ClusterSpec, Host } from "../spec/types";
import type { PlannedFile, Step } from "./document";
import { kubeadmApi } from "./forms";
import {
  certificateFile,
  clusterConfiguration,
  discovery,
  identity,
  initConfiguration,
  joinConfiguration,
  kubeadmFile,
  proxyValue,
} from "./kubeadm";
import { kubeletFiles } from "./kubelet";
import { toYaml } from "./serialize";
import { upgradeValues } from "./upgrade";
import { virtualAddressFiles, virtualValues } from "./virtual-address";

/** 32 bytes as kubeadm writes them; the host puts its own key in their place in the moment of the join. */
const NO_KEY = "0".repeat(64);

/** The step that joins a further control plane: `kubeadm join` with a member of etcd and an API server of its own. */
export function joinControlPlaneStep(spec: ClusterSpec, host: Host): Step {
  const config = {
    ...joinConfiguration(spec, host),
    controlPlane: {
      localAPIEndpoint: {
        advertiseAddress: String(inOrder(spec.network.families, host.addresses)[0]),
        bindPort: spec.endpoint.port,
      },
      certificateKey: NO_KEY,
    },
  };
  return {
    name: "kubernetes",
    files: [
      identity(spec),
      kubeadmFile(config),
      discovery(spec),
      running(spec, host),
      certificateFile(spec),
      ...virtualAddressFiles(spec, host),
      ...kubeletFiles(spec),
    ],
    values: [
      ["role", "join-control-plane"],
      ...upgradeValues(spec, host),
      ["port", String(spec.endpoint.port)],
      proxyValue(spec),
      ...virtualValues(spec),
    ],
  };
}

/** What a control plane that has joined makes its static pods anew from: JoinConfiguration does not hold their settings. */
function running(spec: ClusterSpec, host: Host): PlannedFile {
  return {
    path: "/etc/dualstack/control-plane.yaml",
    mode: "0600",
    handler: "control-plane",
    text: toYaml(initConfiguration(spec, host), clusterConfiguration(spec)),
  };
}

/**
 * What `kubeadm init phase upload-certs --upload-certs --config` reads on the first control plane.
 * @param certificateKey 64 hexadecimal digits of the host that is about to join; secret
 */
export function certificateUpload(spec: ClusterSpec, certificateKey: string): string {
  // with its version, or kubeadm asks the internet for the newest
  const { apiVersion, kind, kubernetesVersion } = clusterConfiguration(spec);
  return toYaml(
    { apiVersion: kubeadmApi(spec), kind: "InitConfiguration", certificateKey },
    { apiVersion, kind, kubernetesVersion },
  );
}
