/** The official downloads of what a node needs, as ways of the artefacts that can also be built here. */
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Artefact, Way } from "./artefact";
import { WayClosed } from "./artefact";
import { goArtefact } from "./build/go";
import { cniPluginsProgram, containerdProgram, kubernetesProgram } from "./build/programs";
import { download, GO_ARCH } from "./download";
import { which } from "./packages";
import { run } from "./run";

const GITHUB = "https://github.com";

/** kubeadm, kubelet, kubectl: three programs, or one called `kubernetes`. */
export function kubernetesArtefact(version: string): Artefact {
  const base = `https://dl.k8s.io/release/v${version}/bin/linux/${GO_ARCH}`;
  const make = async (folder: string) => {
    for (const name of ["kubeadm", "kubelet", "kubectl"]) {
      chmodSync(await download(`${base}/${name}`, `${base}/${name}.sha256`, folder), 0o755);
    }
  };
  return goArtefact(kubernetesProgram(version), [{ how: "downloaded from dl.k8s.io", make }]);
}

/** containerd, its shim and ctr. */
export function containerdArtefact(version: string): Artefact {
  const url = `${GITHUB}/containerd/containerd/releases/download/v${version}/containerd-${version}-linux-${GO_ARCH}.tar.gz`;
  return goArtefact(containerdProgram(version), [tarball(url, `${url}.sha256sum`, ["--strip-components=1"])]);
}

/** The CNI project's plugins. */
export function cniPluginsArtefact(version: string): Artefact {
  const name = `cni-plugins-linux-${GO_ARCH}-v${version}.tgz`;
  const url = `${GITHUB}/containernetworking/plugins/releases/download/v${version}/${name}`;
  return goArtefact(cniPluginsProgram(version), [tarball(url, `${url}.sha256`)]);
}

/** runc: the project's static one, else the one of the distribution (built without seccomp it would fail pods). */
export function runcArtefact(version: string): Artefact {
  const base = `${GITHUB}/opencontainers/runc/releases/download/v${version}`;
  const official = async (folder: string) => {
    const file = await download(`${base}/runc.${GO_ARCH}`, `${base}/runc.sha256sum`, folder);
    await run("install", ["-m", "0755", file, join(folder, "runc")]);
    rmSync(file);
  };
  return {
    name: "runc",
    version,
    recipe: { arch: process.arch },
    ways: [
      { how: "downloaded from github.com", make: official },
      { how: "instead the version of the distribution, from its package", make: distributionRunc },
    ],
  };
}

async function distributionRunc(folder: string): Promise<void> {
  if (which("apt-get") === undefined) throw new WayClosed("no apt here");
  await run("apt-get", ["download", "runc"], { cwd: folder });
  await run("sh", ["-c", "dpkg-deb --extract runc_*.deb tree && mv tree/usr/sbin/runc . && rm -r tree runc_*.deb"], {
    cwd: folder,
  });
}

/** A compressed tar file of a release, unpacked. */
export function tarball(url: string, checksums: string, options: readonly string[] = []): Way {
  const make = async (folder: string) => {
    const file = await download(url, checksums, folder);
    await run("tar", ["--extract", "--gzip", "--no-same-owner", ...options, "--file", file, "--directory", folder]);
    rmSync(file);
  };
  return { how: `downloaded from ${new URL(url).host}`, make };
}
