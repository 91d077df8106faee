/** The network of the pods. */
import { DEFAULTS } from "../defaults";
import { choice, defaulted, struct } from "../shapes";
import { FLANNEL_VERSION } from "../texts";

const ONLY_FLANNEL = "dualstack sets up flannel so far";

export const CNI = struct({
  kind: defaulted(
    choice(["flannel"], { calico: ONLY_FLANNEL, cilium: ONLY_FLANNEL }),
    "The network add-on.",
    DEFAULTS.cni,
  ),
  version: defaulted(FLANNEL_VERSION, "Its release.", DEFAULTS.flannelVersion),
  backend: defaulted(choice(["vxlan", "host-gw"]), "How packets travel between hosts.", DEFAULTS.flannelBackend),
});
