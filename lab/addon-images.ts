/** The images of add-ons that a lab can make of programs built here; each add-on's are kept together, so labs share them. */
import { METALLB } from "../addons/catalogue";
import { TRAEFIK } from "../addons/catalogue-way-in";
import type { ClusterSpec } from "../spec";
import { metallbProgram, nodeCacheProgram, traefikProgram } from "./build/programs";
import type { Bundle } from "./image-archives";
import { one, type StandIn } from "./node-images";

/** The bundles of the add-ons that the spec has; `coredns` is the release of which the stand-in for the DNS cache is made. */
export function addonImages(spec: ClusterSpec, coredns: string): Bundle[] {
  return [...nodeCache(spec, coredns), ...metallb(spec), ...traefik(spec)];
}

const bundle = (name: string, version: string, ...node: StandIn[]): Bundle => ({
  name: `images-${name}`,
  version,
  wanted: { node },
});

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
