/** The network of the pods. */
import { DEFAULTS } from "../defaults";
import { choice, defaulted, integer, list, optional, required, section, struct, text } from "../shapes";
import { CNI_VERSION, LOCAL_FILE } from "../texts";

/** An address or a name with its port; an IPv6 address in brackets. */
const ETCD_ENDPOINT = text(
  "etcd-endpoint",
  /^https?:\/\/([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]+\]):\d{1,5}$/,
  'the URL of an etcd member with its port, such as "https://[fd00:1::21]:2379"',
);

const IPIP = "IPIP carries IPv4 alone; vxlan carries both families";

export const CNI = struct(
  {
    kind: defaulted(choice(["flannel", "calico", "cilium"]), "The network add-on.", DEFAULTS.cni),
    version: defaulted(CNI_VERSION, "Its release.", DEFAULTS.cniVersion),
    backend: defaulted(
      choice(["vxlan", "vxlan-cross-subnet", "geneve", "wireguard", "host-gw", "native", "bgp"], {
        ipip: IPIP,
        IPIP,
        none: "say how routes get to the hosts: bgp (Calico), native (Cilium), host-gw (flannel)",
      }),
      "How packets travel between hosts: flannel by vxlan, wireguard or host-gw; Calico by vxlan, vxlan-cross-subnet (no tunnel within a link) or bgp; Cilium by vxlan, geneve or native.",
      DEFAULTS.cniBackend,
    ),
    mtu: defaulted(
      integer(1280, 65535),
      "Largest packet in bytes that the network between the hosts carries; pods get what a tunnel leaves of it.",
      DEFAULTS.cniMtu,
    ),
    masquerade: defaulted(
      list(choice(["ipv4", "ipv6"])),
      "Families in which packets of pods leave the cluster under the address of their node.",
      DEFAULTS.masquerade,
    ),
    install: defaulted(
      choice(["manifest", "operator"]),
      "Calico: by its manifest, or by its operator, which then looks after it.",
      DEFAULTS.calicoInstall,
    ),
    blockSize: section(
      struct({
        ipv4: defaulted(integer(20, 32), "Calico: prefix length of the blocks of an IPv4 pool.", DEFAULTS.blockIpv4),
        ipv6: defaulted(integer(116, 128), "Calico: prefix length of the blocks of an IPv6 pool.", DEFAULTS.blockIpv6),
      }),
      "Calico gives addresses to nodes in blocks.",
    ),
    etcd: optional(
      struct({
        endpoints: required(list(ETCD_ENDPOINT, 1), "URLs of the members of an etcd that is there already."),
        ca: optional(LOCAL_FILE, "File of the CA's certificate, relative to the spec; with https."),
        cert: optional(LOCAL_FILE, "File of the client's certificate; with https."),
        key: optional(LOCAL_FILE, "File of the client's key; it goes into a Secret, and into no plan."),
      }),
      "Calico: keep its data in an etcd of its own instead of the Kubernetes API.",
    ),
    ipam: defaulted(
      choice(["kubernetes", "cluster-pool"]),
      "Cilium: who gives nodes their ranges, Kubernetes or Cilium's operator; both from network.pods.",
      DEFAULTS.ciliumIpam,
    ),
  },
  { encapsulation: "how packets travel is written as backend" },
);
