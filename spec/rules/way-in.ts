/** Every rule about how traffic comes in: the load balancer's, the pools', the ingress controllers'. */
import type { Rule } from "./context";
import {
  ingressAddresses,
  ingressAlone,
  ingressExposure,
  ingressExternal,
  ingressPool,
  ingressPorts,
  ingressVersions,
} from "./ingress";
import { balancerMode, balancerRelease, balancerVersion, poolFamilies, poolLinks, pools } from "./load-balancer";
import { poolOverlaps } from "./pools";

export const WAY_IN: readonly Rule[] = [
  balancerVersion,
  balancerRelease,
  balancerMode,
  pools,
  poolFamilies,
  poolLinks,
  poolOverlaps,
  ingressAlone,
  ingressVersions,
  ingressExposure,
  ingressPorts,
  ingressPool,
  ingressAddresses,
  ingressExternal,
];
