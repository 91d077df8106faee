/** What happens on a host that comes, goes, or is only reached in another way. */
import { isDeepStrictEqual } from "node:util";
import type { Host } from "../../../spec/types";
import type { Effect } from "../impact";

export function added({ role }: Host): Effect[] {
  const joins = "the host is set up and joins";
  const makes = "the host is set up and makes the cluster (kubeadm init)";
  return [{ impact: "live", what: role === "worker" ? joins : makes }];
}

/** components/worker.ts: removal is `kubeadm reset`; nobody drains the node or deletes its Node. */
export function removed({ role }: Host): Effect[] {
  if (role === "control-plane") return [{ impact: "refused", what: "the cluster is on it" }];
  return [
    {
      impact: "drain",
      component: "node",
      what: "at the end of the run kubeadm reset kills the pods that are there, without a drain, and the host becomes as it was; its Node stays, NotReady",
      todo: "before: kubectl drain; afterwards: kubectl delete node",
    },
  ];
}

/** The machine has joined under the other name, so neither its join nor its removal is what it looks like. */
export function renamed(): Effect[] {
  return [{ impact: "refused", what: "is the same machine under another name" }];
}

/** Its component is of another kind, so Pulumi makes a new one, and then removes the old one from the same machine. */
export function otherRole(): Effect[] {
  const what = "its steps run under the new role; then the removal of the old ones resets the same machine";
  return [{ impact: "rebuild", component: "node", what }];
}

/** Its steps run again, since a connection is an input of theirs; they find nothing to do. */
export function reached(from: Host, to: Host, otherKeyFile: boolean): Effect[] {
  const key = from.ssh.hostKey !== to.ssh.hostKey;
  if (!otherKeyFile && isDeepStrictEqual(from.ssh, to.ssh)) return [];
  const again = "its steps run again, through the new connection";
  return [
    { impact: "nothing", what: key ? `${again}; a host that was installed anew is set up and joins again` : again },
  ];
}
