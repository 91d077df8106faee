/** The catalogue's files for the way into the cluster: Kong and Envoy Gateway, each from its project's repository at the release's tag. */
import type { Pinned } from "./catalogue";

const RAW = "https://raw.githubusercontent.com";

/** A file of a repository; in a mirror its name is that of its folder and its own, since names like role.yaml come twice. */
function file(folder: string, base: string, path: string, sha256: string): Pinned {
  const name = path
    .split("/")
    .slice(-2)
    .join("-")
    .replace(/^base-/, "");
  return { path: `${folder}/${name}`, url: `${base}/${path}`, sha256, images: [] };
}

const KONG_IMAGES = ["docker.io/library/kong:3.9", "docker.io/kong/kubernetes-ingress-controller:3.5.13"] as const;

const kic = (path: string, sha256: string) =>
  file("kong-kic-v3.5.13", `${RAW}/Kong/kubernetes-ingress-controller/v3.5.13/config`, path, sha256);

/** Kong's Ingress controller by release: the files of its kustomization that serve Ingress, and the images that it puts in. */
export const KONG = {
  "3.5.13": {
    images: KONG_IMAGES,
    files: [
      kic("base/namespace.yaml", "9e53313b74765b9d5ea7c8c4eeb21f957f18012ac231082b1d3e4767412d96d8"),
      kic("base/serviceaccount.yaml", "b732eef66b3460ee021ecb2183a9f4cec6a71c65ff5e44b24e0f02edba2c40b4"),
      kic("rbac/role.yaml", "b01e5952262935575145b7810a578ea806aea10548eb7e5ab74d33810a70e621"),
      kic("rbac/role_binding.yaml", "71b1536464011d7ae3fa18b2ac496dc487f80255c31849d9f64358ffcfc18771"),
      kic("rbac/leader_election_role.yaml", "0d512f524e8c797becd0e9a533a91e2931c312d24062467ccd99c323abbef467"),
      kic("rbac/leader_election_role_binding.yaml", "2ff336d5edc4ddf47f8e15136688d7912f227db1e170f18a1d641aea0954be2e"),
      kic("rbac/crds/role.yaml", "ff871685d72dee6492a5fd42b201710d2c24cb6601c8e3203fc3d0e96154ce7b"),
      kic("rbac/crds/role_binding.yaml", "bcef6f50835be63e87ff81dc04e0d0939a899043b0ce6b2088c7fd35062fbe97"),
      kic("base/ingressclass.yaml", "f526c632f47290daf176e492efab64d4251a54795cfdbdb73954e691f0b1b318"),
      kic("base/service.yaml", "25324405b0f4d2ca57f9e5afca5c79b83d4bf8c8d74eaa1a293ca3cce12dc4ca"),
      kic("base/kong-ingress-dbless.yaml", "07b149bbfb1226f9d94268b3c85418489ba12b0f0b488cebb762c87cd9968c7b"),
    ],
  },
} as const;

const ENVOY = "docker.io/envoyproxy/gateway:v1.9.1";
/** The Envoy that this release starts (DefaultEnvoyProxyImage of its api/v1alpha1/shared_types.go). */
const PROXY =
  "docker.io/envoyproxy/envoy:distroless-v1.39.1@sha256:eb2c01c13125d1629637cb4e4cce7207009fb7cc2c8027f9742758549d15b6f4";

const kind = (name: string, sha256: string) =>
  file(
    "envoy-gateway-v1.9.1",
    `${RAW}/envoyproxy/gateway/v1.9.1/charts/gateway-helm/charts/crds/crds`,
    `generated/gateway.envoyproxy.io_${name}.yaml`,
    sha256,
  );

/** Envoy Gateway by release: its own kinds; the other objects are dualstack's own (addons/ingress/envoy-gateway.ts). */
export const ENVOY_GATEWAY = {
  "1.9.1": {
    image: ENVOY,
    proxy: PROXY,
    kinds: [
      kind("envoyproxies", "3e9ea2f348445e3798b02daf02bf024b0d944227cf5ef8a18da7f675a1afd223"),
      kind("backends", "bb1901aea758d05458b853b07db04a96a1ea4346b177e392e5ce7398573805be"),
      kind("backendtrafficpolicies", "cd75a4c222df5487aa9ca8957b48bcc3255eb25de02ed9153faf620bc160f786"),
      kind("clienttrafficpolicies", "2c7eaa1ce30de626e9c362b8d9002281c2f435f970020fa81902ad7f30b38d5b"),
      kind("envoyextensionpolicies", "608f40a90cc2384f08f9aeb630d5198b70891946bbc6f6eba593b25544cd3b1b"),
      kind("envoypatchpolicies", "8e9110c32b414ea5c43a85e272dc2dee8917ed0bfa36a9a2b72fde1f3fba6083"),
      kind("httproutefilters", "ad46193dbec0a28cc97fa93a64bcd1f464858544d884eeac5e4d767526dcfd3d"),
      kind("securitypolicies", "0eddd4bb2ac007b709433fec37669e79fd57b153fbfe7b42446d45ea384c0a74"),
    ],
  },
} as const;

/** Traefik's objects are dualstack's own (addons/ingress/traefik.ts); its image by release. */
export const TRAEFIK: { readonly [version: string]: string } = { "3.5.4": "docker.io/library/traefik:v3.5.4" };

/** Images that no file names: of objects of dualstack's own, and those that stand for placeholders. */
export const OWN_IMAGES: readonly string[] = [...KONG_IMAGES, ENVOY, PROXY, ...Object.values(TRAEFIK)];
