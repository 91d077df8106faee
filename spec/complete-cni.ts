/** The network add-on of a draft without mistakes, typed. */
import { cniVersion, masqueraded } from "./cni";
import type { Family } from "./families";
import { items, must } from "./must";
import type { Draft } from "./schema";
import type { CalicoEtcd, Cni } from "./types";

export function completeCni(draft: Draft, families: readonly Family[]): Cni {
  const written = must(draft.cni, "cni");
  const common = {
    kind: must(written.kind, "cni.kind"),
    version: must(cniVersion(draft), "cni.version"),
    backend: must(written.backend, "cni.backend"),
    ...(written.mtu === undefined ? {} : { mtu: written.mtu }),
    masquerade: masqueraded(draft, families),
  };
  // which backends an add-on has is a rule (spec/rules/cni.ts)
  return { ...common, ...ownFields(written) } as Cni;
}

function ownFields(written: NonNullable<Draft["cni"]>): object {
  switch (must(written.kind, "cni.kind")) {
    case "flannel":
      return {};
    case "cilium":
      return { ipam: must(written.ipam, "cni.ipam") };
    case "calico": {
      const { ipv4, ipv6 } = must(written.blockSize, "cni.blockSize");
      const blockSize = { ipv4: must(ipv4, "cni.blockSize.ipv4"), ipv6: must(ipv6, "cni.blockSize.ipv6") };
      const etcd = written.etcd === undefined ? {} : { etcd: etcdOf(written.etcd) };
      return { install: must(written.install, "cni.install"), blockSize, ...etcd };
    }
  }
}

function etcdOf({ endpoints, ca, cert, key }: NonNullable<NonNullable<Draft["cni"]>["etcd"]>): CalicoEtcd {
  const list = items(endpoints, "cni.etcd.endpoints");
  return ca === undefined || cert === undefined || key === undefined
    ? { endpoints: list }
    : { endpoints: list, tls: { ca, cert, key } };
}
