/** Helm, with which plans make manifests of charts, for labs whose spec has one. */
import type { ClusterSpec } from "../spec";
import { obtain } from "./artefact";
import { goArtefact } from "./build/go";
import { helmProgram } from "./build/programs";
import { GO_ARCH } from "./download";
import { tarball } from "./downloads";
import type { Log } from "./log";
import { which } from "./packages";
import { run } from "./run";

/** The release that is taken where none is installed. */
const HELM = "3.22.0";

/** The folder to put before PATH for `helm`, where an add-on of the spec is a chart; none where it is installed. */
export async function helmFor(log: Log, { cni }: ClusterSpec): Promise<string[]> {
  return cni.kind === "cilium" ? findHelm(log) : [];
}

/** The folder to put before PATH for `helm`; none where it is installed. */
export async function findHelm(log: Log): Promise<string[]> {
  const present = which("helm");
  if (present !== undefined) {
    log.line(`helm ${await run(present, ["version", "--short"])}: found at ${present}`);
    return [];
  }
  const url = `https://get.helm.sh/helm-v${HELM}-linux-${GO_ARCH}.tar.gz`;
  const official = tarball(url, `${url}.sha256sum`, ["--strip-components=1"]);
  return [await obtain(log, goArtefact(helmProgram(HELM), [official]))];
}
