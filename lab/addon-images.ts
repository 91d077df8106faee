/** The images of add-ons that a lab can make of programs built here; each add-on's are kept together, so labs share them. */
import { CILIUM, METALLB } from "../addons/catalogue";
import { ENVOY_GATEWAY, TRAEFIK } from "../addons/catalogue-way-in";
import type { ClusterSpec } from "../spec";
import { ciliumProgram } from "./build/cilium";
import { envoyGatewayProgram, envoyProgram } from "./build/envoy";
import { metallbProgram, nodeCacheProgram, traefikProgram } from "./build/programs";
import type { Bundle } from "./image-archives";
import { one, type StandIn, TOOL_PACKAGES, versionOf } from "./node-images";

/** The bundles of the add-ons that the spec has; `coredns` is the release of which the stand-in for the DNS cache is made. */
export function addonImages(spec: ClusterSpec, coredns: string): Bundle[] {
  return [...cilium(spec), ...nodeCache(spec, coredns), ...metallb(spec), ...traefik(spec), ...envoyGateway(spec)];
}

const bundle = (name: string, version: string, ...node: StandIn[]): Bundle => ({
  name: `images-${name}`,
  version,
  wanted: { node },
});

/** The agent compiles its BPF programs on each node, with the clang of its release (images/runtime/Dockerfile), as files of these paths. */
function cilium({ cni }: ClusterSpec): Bundle[] {
  if (cni.kind !== "cilium") return [];
  const { version } = cni;
  // the chart out of the project's repository names them by their tags alone
  const [agent, operator] = CILIUM[version as keyof typeof CILIUM].images.map((image) => image.replace(/@.*/, ""));
  const program = ciliumProgram(version);
  const names = ["cilium-dbg", "cilium-health", "cilium-health-responder", "cilium-mount", "cilium-sysctlfix"];
  const image: StandIn = {
    ...one(agent!, program, "usr/bin/cilium-agent"),
    file: "cilium-agent",
    besides: {
      ...Object.fromEntries(names.map((file) => [`usr/bin/${file}`, { file }])),
      "opt/cni/bin/cilium-cni": { file: "cilium-cni" },
      "init-container.sh": { script: "images/cilium/init-container.sh" },
      "install-plugin.sh": { script: "plugins/cilium-cni/install-plugin.sh" },
      "cni-uninstall.sh": { script: "plugins/cilium-cni/cni-uninstall.sh" },
      "var/lib/cilium/bpf": { folder: "bpf" },
      "usr/local/bin/clang": { link: "/usr/bin/clang-19" },
    },
    tools: [...TOOL_PACKAGES, "clang-19"],
  };
  const file = "cilium-operator-generic";
  return [bundle("cilium", version, image, { ...one(operator!, program, `usr/bin/${file}`), file })];
}

function nodeCache({ nodeLocalDns }: ClusterSpec, coredns: string): Bundle[] {
  if (nodeLocalDns === undefined) return [];
  const image = one(nodeLocalDns.image, nodeCacheProgram(coredns), "node-cache");
  return [bundle("node-cache", coredns, { ...image, tools: true })];
}

/** The controller and the speakers; FRR, which BGP over IPv6 needs, is no Go program. */
function metallb({ loadBalancer }: ClusterSpec): Bundle[] {
  if (loadBalancer === undefined) return [];
  const { version } = loadBalancer;
  const images = METALLB[version as keyof typeof METALLB].native.images.map((tag) => {
    const file = /\/(\w+):/.exec(tag)![1]!;
    return { ...one(tag, metallbProgram(version), file), file };
  });
  return [bundle("metallb", version, ...images)];
}

function traefik({ ingress }: ClusterSpec): Bundle[] {
  return ingress
    .filter(({ kind }) => kind === "traefik")
    .map(({ version }) =>
      bundle("traefik", version, one(TRAEFIK[version]!, traefikProgram(version), "usr/local/bin/traefik")),
    );
}

/** The controller, and the Envoys that it starts by itself. */
function envoyGateway({ ingress }: ClusterSpec): Bundle[] {
  return ingress
    .filter(({ kind }) => kind === "envoy-gateway")
    .map(({ version }) => {
      const { image, proxy } = ENVOY_GATEWAY[version as keyof typeof ENVOY_GATEWAY];
      const envoy = { ...one(proxy, envoyProgram(versionOf(proxy)), "usr/local/bin/envoy"), tools: true };
      return bundle(
        "envoy-gateway",
        version,
        one(image, envoyGatewayProgram(version), "usr/local/bin/envoy-gateway"),
        envoy,
      );
    });
}
