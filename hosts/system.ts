/** Step system: container runtime, kubelet service, programs and images. */
import type { ClusterSpec, Host, Role, Runtime } from "../spec/types";
import { containerdConfigVersion, release } from "../spec/versions";
import type { PlannedFile, Step } from "./document";
import { platformSettings } from "./platform";
import { type Plain, toIni, toToml } from "./serialize";
import { virtualPackages } from "./virtual-address";

/** The step that brings containerd and the Kubernetes programs to a host. */
export function systemStep(spec: ClusterSpec, host: Host): Step {
  const { install, version } = spec.kubernetes;
  const images = host.role === "control-plane" ? ["node", "control-plane"] : ["node"];
  return {
    name: "system",
    files: [
      runtimeFile(spec, spec.kubernetes.runtime),
      ...(install.from === "folder" ? [containerdService, kubeletService, kubeletArguments] : []),
    ],
    values: [
      ["version", version],
      ...(install.from === "folder"
        ? [["folder", install.path] as const, ...images.map((kind) => ["images", kind] as const)]
        : []),
      ...virtualPackages(spec, host),
      ["joins", joinsAs(spec, host)],
    ],
  };
}

/** The first control plane makes the cluster, every other host joins it. */
function joinsAs({ hosts }: ClusterSpec, host: Host): Role | "no" {
  return host === hosts.find(({ role }) => role === "control-plane") ? "no" : host.role;
}

function runtimeFile(spec: ClusterSpec, runtime: Runtime): PlannedFile {
  if (runtime.kind === "docker") return dockerFile;
  const version = containerdConfigVersion(runtime.version);
  const text = toToml({ version, plugins: containerdPlugins(spec, version) });
  return { path: "/etc/containerd/config.toml", mode: "0644", handler: "runtime", text };
}

/** The plugins changed their names with configuration version 3 (containerd docs/cri/config.md); wrong ones are ignored without a word. */
function containerdPlugins(spec: ClusterSpec, version: 2 | 3): { [name: string]: Plain } {
  const { restrictOomScore, systemdCgroup } = platformSettings(spec.platform);
  const pause = `registry.k8s.io/pause:${release(spec.kubernetes.version).pause}`;
  const runc = { runtime_type: "io.containerd.runc.v2", options: { SystemdCgroup: systemdCgroup } };
  const common = {
    ...(restrictOomScore ? { restrict_oom_score_adj: true } : {}),
    containerd: { runtimes: { runc } },
  };
  const conf_dir = "/etc/cni/net.d";
  if (version === 2) {
    const cni = { bin_dir: "/opt/cni/bin", conf_dir };
    return { "io.containerd.grpc.v1.cri": { ...common, sandbox_image: pause, cni } };
  }
  return {
    "io.containerd.cri.v1.images": { pinned_images: { sandbox: pause } },
    "io.containerd.cri.v1.runtime": { ...common, cni: { bin_dirs: ["/opt/cni/bin"], conf_dir } },
  };
}

/** As kubeadm's installation guide had it up to 1.23: the cgroup driver must be kubelet's. */
const dockerFile: PlannedFile = {
  path: "/etc/docker/daemon.json",
  mode: "0644",
  handler: "runtime",
  text: `${JSON.stringify(
    {
      "exec-opts": ["native.cgroupdriver=systemd"],
      "log-driver": "json-file",
      "log-opts": { "max-size": "100m" },
      "storage-driver": "overlay2",
    },
    null,
    2,
  )}\n`,
};

/** As shipped by containerd (containerd.service of its releases). */
const containerdService: PlannedFile = {
  path: "/etc/systemd/system/containerd.service",
  mode: "0644",
  handler: "runtime",
  text: toIni([
    [
      "Unit",
      [
        ["Description", "containerd container runtime"],
        ["Documentation", "https://containerd.io"],
        ["After", "network.target local-fs.target"],
      ],
    ],
    [
      "Service",
      [
        ["ExecStart", "/usr/local/bin/containerd"],
        ["Type", "notify"],
        ["Delegate", "yes"],
        ["KillMode", "process"],
        ["Restart", "always"],
        ["RestartSec", "5"],
        ["LimitNPROC", "infinity"],
        ["LimitCORE", "infinity"],
        ["TasksMax", "infinity"],
      ],
    ],
    ["Install", [["WantedBy", "multi-user.target"]]],
  ]),
};

/** As shipped by the official package (kubernetes/release cmd/krel/templates). */
const kubeletService: PlannedFile = {
  path: "/etc/systemd/system/kubelet.service",
  mode: "0644",
  handler: "runtime",
  text: toIni([
    [
      "Unit",
      [
        ["Description", "kubelet: The Kubernetes Node Agent"],
        ["Documentation", "https://kubernetes.io/docs/"],
        ["Wants", "network-online.target"],
        ["After", "network-online.target containerd.service"],
      ],
    ],
    [
      "Service",
      [
        ["ExecStart", "/usr/local/bin/kubelet"],
        ["Restart", "always"],
        ["StartLimitInterval", "0"],
        ["RestartSec", "10"],
      ],
    ],
    ["Install", [["WantedBy", "multi-user.target"]]],
  ]),
};

/** As shipped by the official kubeadm package (10-kubeadm.conf). */
const kubeletArguments: PlannedFile = {
  path: "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf",
  mode: "0644",
  handler: "runtime",
  text: toIni([
    [
      "Service",
      [
        [
          "Environment",
          '"KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"',
        ],
        ["Environment", '"KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"'],
        ["EnvironmentFile", "-/var/lib/kubelet/kubeadm-flags.env"],
        ["EnvironmentFile", "-/etc/default/kubelet"],
        ["ExecStart", ""],
        [
          "ExecStart",
          "/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS",
        ],
      ],
    ],
  ]),
};
