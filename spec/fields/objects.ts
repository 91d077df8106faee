/** What lands in the cluster: where its manifests come from, and changes of it that no field is for. */
import { DEFAULTS } from "../defaults";
import { mirror } from "../mirror";
import { defaulted, list, optional, required, struct, TREE } from "../shapes";
import { KIND, NAME, OBJECT_NAME } from "../texts";

export const MIRROR = optional(
  mirror,
  "Where manifests and charts of other projects are read: a folder that `dualstack vendor` filled, relative to the spec, or the URL of one. " +
    "Without it, what DUALSTACK_UPSTREAM_MIRROR names, else the projects' own sites.",
);

export const PATCH = struct({
  kind: required(KIND, "Kind of the object."),
  name: required(OBJECT_NAME, "Its name."),
  namespace: optional(NAME, "Its namespace, where several have the name."),
  merge: required(
    TREE,
    "Fields that it gets, as in its manifest: maps are merged, null takes away, lists of named things are merged by name, other lists replaced.",
  ),
});

export const PATCHES = defaulted(
  list(PATCH),
  "Changes of objects that dualstack makes in the cluster, for what it has no field for; `dualstack plan` shows their names.",
  DEFAULTS.patches,
);
