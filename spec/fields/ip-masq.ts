/** ip-masq-agent: which packets of pods leave a node with the node's address, on both families. */
import { DEFAULTS } from "../defaults";
import { defaulted, FLAG, list, struct } from "../shapes";
import { IMAGE } from "../texts";
import { RANGE } from "./values";

export const IP_MASQ = struct({
  enabled: defaulted(FLAG, "Run it; the network add-on then masquerades nothing itself.", DEFAULTS.ipMasq),
  keep: defaulted(
    list(RANGE),
    "Destinations that see the pods' own addresses, besides pods and services: networks that have routes back to the pods.",
    DEFAULTS.ipMasqKeep,
  ),
  image: defaulted(IMAGE, "Its image.", DEFAULTS.ipMasqImage),
});
