/** What hosts/scripts/system.sh does with a changed file or value on a running host. */
import type { ClusterSpec } from "../../../spec/types";
import type { Differences, FileChange } from "../changes";
import type { Effect } from "../impact";

export function systemEffects({ files, values }: Differences, old: ClusterSpec, wanted: ClusterSpec): Effect[] {
  const version = values.some(({ name }) => name === "version");
  // common.sh: a file that goes counts as work of every handler
  const restarts = files.some(({ handler, change }) => handler === "runtime" || change === "removed");
  return [
    ...(restarts && !version ? runtimeRestarts(wanted) : []),
    ...files.flatMap((file) => fileEffects(file, old)),
    ...(version ? newPrograms(wanted, restarts) : []),
    ...(values.some(({ name }) => name === "folder") && !version ? otherPrograms(wanted) : []),
  ];
}

function runtimeRestarts({ kubernetes: { install } }: ClusterSpec): Effect[] {
  const what = "containerd restarts; containers run on (KillMode=process)";
  const update = "; the step installs the packages again too, so containerd.io becomes the newest of its repository";
  return [{ impact: "restart", component: "containerd", what: install.from === "packages" ? what + update : what }];
}

function fileEffects({ path, change, lines }: FileChange, old: ClusterSpec): Effect[] {
  if (path.includes("kubelet.service")) return [kubeletUnit];
  if (path === "/etc/docker/daemon.json") return [dockerStays];
  const sandbox = lines.some(({ added }) => added.some((line) => /^sandbox(_image)? = /.test(line)));
  if (path.endsWith("/config.toml") && change === "changed" && sandbox && old.kubernetes.install.from === "folder") {
    return [{ impact: "live", what: "new pods use the other pause image, which the folder on the hosts must hold" }];
  }
  return [];
}

const kubeletUnit: Effect = {
  impact: "not-applied",
  component: "kubelet",
  what: "systemd reads the unit again; the running kubelet is not restarted",
  todo: "systemctl restart kubelet on each host",
};

const dockerStays: Effect = {
  impact: "not-applied",
  component: "docker",
  what: "dualstack writes Docker's file and does not restart Docker",
  todo: "systemctl restart docker on each host",
};

function newPrograms(wanted: ClusterSpec, restarts: boolean): Effect[] {
  const { version, install } = wanted.kubernetes;
  const later = "kubelet and kubectl follow when it is the node's turn";
  const what =
    install.from === "folder"
      ? `the other programs in ${install.path} are copied and its images imported; containerd restarts${restarts ? "" : " when one differs"}, containers run on; kubeadm, ${later}; the step fails unless the kubeadm there is v${version}`
      : `kubeadm v${version} and the newest containerd.io are installed, from the repository of that minor release; ${restarts ? "containerd restarts, containers run on" : "its package may restart containerd"}; ${later}`;
  return [{ impact: "restart", component: "containerd", what }];
}

function otherPrograms({ kubernetes: { install } }: ClusterSpec): Effect[] {
  if (install.from === "packages") {
    const what = "programs that were copied to /usr/local/bin stay there and go before those of the packages";
    return [{ impact: "not-applied", component: "kubelet", what, todo: "take the host out, and put it in again" }];
  }
  const what = `programs that differ from those in ${install.path} are replaced; then containerd restarts, kubelet does not`;
  return [{ impact: "restart", component: "containerd", what }];
}
