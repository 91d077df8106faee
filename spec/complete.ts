/** From a draft without mistakes to the typed spec. */
import type { Address } from "./addresses";
import { completeCni } from "./complete-cni";
import { completeInterface } from "./complete-interfaces";
import { ingress, loadBalancer } from "./complete-way-in";
import {
  backendOf,
  defined,
  endpointOf,
  familiesOf,
  hostName,
  hostTarget,
  jumpOf,
  kindRanges,
  nodeAddresses,
  nodeLocalAddresses,
  nodeMask,
  outsideTarget,
  podRanges,
  proxyMode,
  runtimeOf,
  type SshTarget,
  serviceRanges,
} from "./derive";
import { type Family, type PerFamily, perFamily } from "./families";
import type { KnownHosts } from "./known-hosts";
import { items, must } from "./must";
import type { Draft, DraftHost, DraftHostSsh, DraftKind, DraftOutside, DraftPatch } from "./schema";
import type { ClusterSpec, Host, Install, Kind, Outside, Patch, Ssh, SshEnd } from "./types";

export function complete(draft: Draft, knownHosts: KnownHosts | undefined): ClusterSpec {
  const families = must(familiesOf(draft), "families");
  const kubernetes = must(draft.kubernetes, "kubernetes");
  const identityFile = draft.ssh?.identityFile;
  return {
    name: must(draft.name, "name"),
    platform: draft.kind === undefined ? must(draft.platform, "platform") : "kind",
    kubernetes: {
      version: must(kubernetes.version, "kubernetes.version"),
      install: install(kubernetes.install),
      runtime: runtimeOf(draft),
    },
    network: network(draft, families),
    endpoint: must(endpointOf(draft), "endpoint"),
    cni: completeCni(draft, families),
    kubeProxy: { mode: proxyMode(draft), nodePorts: nodePorts(draft) },
    nodeLocalDns: nodeLocalDns(draft),
    ipMasq: ipMasq(draft),
    ...(draft.mirror === undefined ? {} : { mirror: draft.mirror }),
    patches: items(draft.patches, "patches").map(patch),
    ingress: items(draft.ingress, "ingress").map((one, i) => ingress(draft, one, i === 0)),
    ...(draft.loadBalancer === undefined ? {} : { loadBalancer: loadBalancer(draft.loadBalancer) }),
    ssh: identityFile === undefined ? {} : { identityFile },
    hosts: items(draft.hosts ?? [], "hosts").map((one) => host(draft, families, one, knownHosts)),
    ...(draft.kind === undefined ? {} : { kind: kind(draft, draft.kind) }),
    verification: verification(draft, families, knownHosts),
  };
}

function patch({ kind, name, namespace, merge }: DraftPatch): Patch {
  const target = { kind: must(kind, "a patch's kind"), name: must(name, "a patch's name") };
  const where = namespace === undefined ? {} : { namespace };
  return { ...target, ...where, merge: must(merge, "what a patch merges") };
}

function install(written: NonNullable<Draft["kubernetes"]>["install"]): Install {
  if (written === "packages") return { from: "packages" };
  return { from: "folder", path: must(written?.folder, "kubernetes.install.folder") };
}

function network(draft: Draft, families: readonly Family[]): ClusterSpec["network"] {
  const written = must(draft.network, "network");
  const pods = podRanges(draft);
  const services = serviceRanges(draft);
  return {
    families,
    pods: perFamily(families, (family) => ({ cidr: must(pods[family], "pods"), nodeMask: nodeMask(draft, family) })),
    services: perFamily(families, (family) => must(services[family], "services")),
    dns: items(written.dns, "network.dns"),
    dnsDomain: must(written.dnsDomain, "network.dnsDomain"),
    certificateNames: items(written.certificateNames, "network.certificateNames"),
    reserved: items(written.reserved, "network.reserved"),
  };
}

function nodePorts(draft: Draft): ClusterSpec["kubeProxy"]["nodePorts"] {
  const written = must(draft.kubeProxy?.nodePorts, "kubeProxy.nodePorts");
  return typeof written === "string" ? written : items(written, "kubeProxy.nodePorts");
}

function nodeLocalDns(draft: Draft): ClusterSpec["nodeLocalDns"] {
  if (draft.nodeLocalDns?.enabled !== true) return undefined;
  return { addresses: nodeLocalAddresses(draft), image: must(draft.nodeLocalDns.image, "nodeLocalDns.image") };
}

function ipMasq({ ipMasq: written }: Draft): ClusterSpec["ipMasq"] {
  if (written?.enabled !== true) return undefined;
  return { keep: items(written.keep, "ipMasq.keep"), image: must(written.image, "ipMasq.image") };
}

function host(draft: Draft, families: readonly Family[], written: DraftHost, knownHosts: KnownHosts | undefined): Host {
  return {
    name: must(hostName(written), "a host's name"),
    role: must(written.role, "a host's role"),
    ssh: ssh(draft, hostTarget(draft, written), written.ssh, knownHosts),
    backend: must(backendOf(draft, written), "network.backend"),
    interfaces: items(written.interfaces, "interfaces").map(completeInterface),
    addresses: only(families, nodeAddresses(written.interfaces)),
  };
}

function kind(draft: Draft, { workers, image, network }: DraftKind): Kind {
  return {
    workers: must(workers, "kind.workers"),
    image: image ?? `kindest/node:v${must(draft.kubernetes?.version, "kubernetes.version")}`,
    network: { name: must(network?.name, "kind.network.name"), ...kindRanges(draft) },
  };
}

/** A host may have more families than the cluster; its node addresses are of the cluster's. */
function only(families: readonly Family[], addresses: PerFamily<Address>): PerFamily<Address> {
  return defined(perFamily<Address | undefined>(families, (family) => addresses[family]));
}

function ssh(draft: Draft, target: SshTarget, own: DraftHostSsh | undefined, knownHosts: KnownHosts | undefined): Ssh {
  const end = sshEnd(target, own?.hostKey, knownHosts);
  const jump = jumpOf(draft, own);
  return jump === undefined ? end : { ...end, jump: sshEnd(jump.target, jump.hostKey, knownHosts) };
}

function sshEnd(target: SshTarget, written: string | undefined, knownHosts: KnownHosts | undefined): SshEnd {
  const address = must(target.address, "an SSH address");
  const port = must(target.port, "an SSH port");
  const user = must(target.user, "an SSH user");
  const lookup = knownHosts?.find(address, port);
  const known = lookup?.found === "key" ? lookup.hostKey : undefined;
  return { address, port, user, hostKey: must(written ?? known, "a host key") };
}

function verification(
  draft: Draft,
  families: readonly Family[],
  knownHosts: KnownHosts | undefined,
): ClusterSpec["verification"] {
  const written = must(draft.verification, "verification");
  const probes = { image: must(written.image, "verification.image"), keep: must(written.keep, "verification.keep") };
  return written.outside === undefined
    ? probes
    : { ...probes, outside: outside(draft, families, written.outside, knownHosts) };
}

function outside(
  draft: Draft,
  families: readonly Family[],
  written: DraftOutside,
  knownHosts: KnownHosts | undefined,
): Outside {
  return {
    name: must(written.name, "the outside host's name"),
    ssh: ssh(draft, outsideTarget(draft, written), written.ssh, knownHosts),
    addresses: only(families, defined({ ipv4: written.ipv4, ipv6: written.ipv6 })),
  };
}
