/** What happens on a host that comes, goes, or is only reached in another way. */
import { isDeepStrictEqual } from "node:util";
import type { Host } from "../../../spec/types";
import type { Effect } from "../impact";

/** Who makes the cluster is the first control plane of the list. */
export function added({ role }: Host, isFirst: boolean): Effect[] {
  if (isFirst) return [{ impact: "live", what: "the host is set up and makes the cluster (kubeadm init)" }];
  const member = role === "worker" ? "" : ", with an API server and a member of etcd";
  return [{ impact: "live", what: `the host is set up and joins${member}` }];
}

/** components/members.ts drains the node and deletes its Node; then its removal is `kubeadm reset`. */
export function removed({ role }: Host): Effect[] {
  const member = role === "worker" ? "" : "leaves etcd and ";
  const what = `its pods are evicted (kubectl drain), its Node is deleted, and at the end of the run the host ${member}becomes as it was`;
  return [{ impact: "drain", component: "node", what }];
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
