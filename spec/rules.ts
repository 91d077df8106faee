/** Every rule of a spec, in no order that matters: each reports all that it finds, and problems are sorted by place. */

import { backends } from "./rules/backends";
import {
  bgpLinks,
  calicoBlocks,
  calicoEtcd,
  cniOptions,
  cniRelease,
  flannelInterfaces,
  masquerading,
  packetSizes,
} from "./rules/cni";
import type { Rule } from "./rules/context";
import {
  familiesOnce,
  hostsOfEveryFamily,
  nodePortFamilies,
  outsideOfEveryFamily,
  rangesOfEveryFamily,
} from "./rules/families";
import { addressesOnce, controlPlanes, endpointPlace, hostNames, sshAddressesOnce } from "./rules/hosts";
import { interfaces, wholeLinkAddresses } from "./rules/interfaces";
import { hostsOrKind, kindLimits, kindNetwork } from "./rules/kind";
import { proxyNone } from "./rules/kube-proxy";
import { hostGateways, linkPrefixes, linksOnce, tailnet } from "./rules/links";
import { controlGroups, kernels } from "./rules/machine";
import { certificateNames, endpointAlone, endpointName, endpointPort, nameServers } from "./rules/names";
import { ipMasqRanges, nodeLocalDns } from "./rules/node-services";
import { dockerBridge, overlaps } from "./rules/overlaps";
import { podSizes, serviceSizes } from "./rules/ranges";
import { defaultRoutes, gateways, routes } from "./rules/routes";
import { specialRanges } from "./rules/special";
import { hostKeys, jumpElsewhere } from "./rules/ssh";
import { stackedInterfaces } from "./rules/stacked";
import { containerRuntime, installSource, kubernetesVersion, proxyVersion, versionLimits } from "./rules/versions";
import { virtualFamilies, virtualLinks } from "./rules/virtual";
import { WAY_IN } from "./rules/way-in";

export const RULES: readonly Rule[] = [
  hostsOrKind,
  kindLimits,
  kindNetwork,
  familiesOnce,
  rangesOfEveryFamily,
  hostsOfEveryFamily,
  outsideOfEveryFamily,
  nodePortFamilies,
  serviceSizes,
  podSizes,
  overlaps,
  dockerBridge,
  specialRanges,
  hostNames,
  addressesOnce,
  controlPlanes,
  endpointPlace,
  sshAddressesOnce,
  interfaces,
  stackedInterfaces,
  wholeLinkAddresses,
  linkPrefixes,
  linksOnce,
  hostGateways,
  gateways,
  routes,
  defaultRoutes,
  backends,
  tailnet,
  nameServers,
  endpointName,
  endpointPort,
  endpointAlone,
  virtualFamilies,
  virtualLinks,
  certificateNames,
  kernels,
  controlGroups,
  hostKeys,
  jumpElsewhere,
  ...WAY_IN,
  kubernetesVersion,
  installSource,
  containerRuntime,
  proxyVersion,
  proxyNone,
  nodeLocalDns,
  ipMasqRanges,
  cniRelease,
  cniOptions,
  masquerading,
  packetSizes,
  flannelInterfaces,
  calicoBlocks,
  calicoEtcd,
  bgpLinks,
  versionLimits,
];
