/** Every rule of a spec, in no order that matters: each reports all that it finds, and problems are sorted by place. */

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
import { proxyNone } from "./rules/kube-proxy";
import { defaultRoutes, hostGateways, linkPrefixes, linksOnce, tailnet } from "./rules/links";
import { controlGroups, kernels } from "./rules/machine";
import { certificateNames, endpointAlone, endpointName, endpointPort, nameServers } from "./rules/names";
import { ipMasqRanges, nodeLocalDns } from "./rules/node-services";
import { dockerBridge, overlaps } from "./rules/overlaps";
import { podSizes, serviceSizes } from "./rules/ranges";
import { specialRanges } from "./rules/special";
import { hostKeys, jumpElsewhere } from "./rules/ssh";
import { containerRuntime, installSource, kubernetesVersion, proxyVersion, versionLimits } from "./rules/versions";

export const RULES: readonly Rule[] = [
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
  wholeLinkAddresses,
  linkPrefixes,
  linksOnce,
  hostGateways,
  defaultRoutes,
  tailnet,
  nameServers,
  endpointName,
  endpointPort,
  endpointAlone,
  certificateNames,
  kernels,
  controlGroups,
  hostKeys,
  jumpElsewhere,
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
