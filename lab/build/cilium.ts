/** Cilium out of its Go module: all programs of its two images, and what in them is no program. */
import { type GoProgram, source } from "./programs";

const MODULE = "github.com/cilium/cilium";

/** The agent with its helpers, and the operator, in one build: they share most packages. */
export function ciliumProgram(version: string): GoProgram {
  const packages = ["daemon", "operator", "cilium-dbg", "cilium-health", "cilium-health/responder"];
  const helpers = ["plugins/cilium-cni", "tools/mount", "tools/sysctlfix"];
  return {
    name: "cilium",
    version,
    module: MODULE,
    packages: [...packages, ...helpers].map((path) => `${MODULE}/${path}`),
    // ipam_provider_operator is what makes the operator the generic one (operator/Makefile)
    tags: "osusergo,ipam_provider_operator",
    variables: { [`${MODULE}/pkg/version.ciliumVersion`]: version },
    instead: {
      // between two releases is the one that Cilium asks for, and only releases can be had; BGP is off in a lab
      "github.com/osrg/gobgp/v4": { version: "v4.7.0" },
      "sigs.k8s.io/mcs-api/controllers": { source: source("mcs-api-controllers") },
    },
    rename: {
      daemon: "cilium-agent",
      operator: "cilium-operator-generic",
      responder: "cilium-health-responder",
      mount: "cilium-mount",
      sysctlfix: "cilium-sysctlfix",
    },
  };
}
