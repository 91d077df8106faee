/** A valid spec in which every field is written, as plain data. */
import { fakeKey, knownHostsFor } from "./keys";

/** known_hosts text for {@link WHOLE}, whatever address its hosts are reached at. */
export const KNOWN = knownHostsFor("192.168.1.11", "[192.168.1.11]:22", "192.168.1.90");

export const WHOLE = {
  name: "whole",
  platform: "machine",
  kubernetes: {
    version: "1.36.3",
    runtime: { kind: "containerd", version: "2.3" },
    install: { folder: "/opt/dualstack" },
  },
  network: {
    families: ["ipv4", "ipv6"],
    pods: { ipv4: "10.244.0.0/16", ipv6: "fd5d:a57a:c400:200::/56", nodeMask: { ipv4: 24, ipv6: 64 } },
    services: { ipv4: "10.96.0.0/16", ipv6: "fd5d:a57a:c400:300::/112" },
    endpoint: "api.lab.example:6443",
    backend: "systemd-networkd",
    dns: ["192.168.1.1"],
    dnsDomain: "cluster.local",
    certificateNames: ["api6.lab.example"],
    reserved: ["192.168.1.192/26"],
  },
  cni: { kind: "flannel", version: "0.28.9", backend: "vxlan" },
  ingress: [
    {
      kind: "traefik",
      version: "3.5.4",
      expose: "load-balancer",
      pool: "default",
      addresses: { ipv4: "192.168.1.150", ipv6: "fd5d:a57a:c400:101::150" },
      externalIPs: [],
      keepClientAddress: true,
      certificate: "default-tls",
    },
    { kind: "kong", expose: "node-port", nodePorts: { http: 30080, https: 30443 } },
  ],
  loadBalancer: {
    kind: "metallb",
    version: "0.16.1",
    mode: "bgp",
    bgp: { asn: 64500, peers: [{ address: "192.168.1.1", asn: 64501 }] },
    pools: [
      {
        name: "default",
        ipv4: "192.168.1.150-192.168.1.160",
        ipv6: "fd5d:a57a:c400:101::150-fd5d:a57a:c400:101::160",
        autoAssign: true,
        avoidBuggyIPs: false,
      },
    ],
  },
  kubeProxy: { mode: "nftables", nodePorts: ["192.168.1.0/24", "fd5d:a57a:c400:101::/64"] },
  ssh: {
    user: "root",
    port: 22,
    identityFile: "~/.ssh/key",
    knownHosts: "known_hosts",
    jump: { address: "jump.lab.example", port: 22, user: "hop", hostKey: fakeKey(3) },
  },
  hosts: [
    {
      name: "cp-1",
      role: "control-plane",
      ssh: {
        address: "cp-1.lab.example",
        port: 22,
        user: "root",
        hostKey: fakeKey(1),
        jump: { address: "fd5d:a57a:c400:101::90", port: 22, user: "hop", hostKey: fakeKey(2) },
      },
      machine: { os: "debian-12", kernel: "6.1", cgroup: "v2" },
      backend: "NetworkManager",
      interfaces: [
        {
          name: "eth0",
          mac: "52:54:00:12:34:5e",
          mtu: 1500,
          ipv4: {
            address: "192.168.1.11/24",
            gateway: "192.168.1.1",
            gatewayMetric: 100,
            secondary: ["192.168.1.21/24"],
            routes: [{ to: "172.30.0.0/16", via: "192.168.1.2", metric: 50 }],
          },
          ipv6: {
            address: "fd5d:a57a:c400:101::11/64",
            gateway: "fe80::1",
            gatewayMetric: 100,
            secondary: ["fd5d:a57a:c400:101::21/64"],
            routes: [{ to: "fd5d:a57a:c400:900::/64", via: "fe80::2", metric: 50 }],
            advertisements: false,
            privacy: false,
            addressGeneration: "eui64",
          },
          dns: ["192.168.1.1"],
          search: ["lab.example"],
        },
        {
          name: "bond0",
          bond: {
            members: ["eth1", "eth2"],
            mode: "802.3ad",
            monitorInterval: 100,
            lacpRate: "fast",
            hashPolicy: "layer3+4",
          },
        },
        {
          name: "bond1",
          bond: { members: ["eth3", "eth4"], mode: "active-backup", monitorInterval: 100, primary: "eth3" },
          ipv4: { address: "192.168.2.11/24", secondary: [], routes: [] },
          dns: [],
          search: [],
        },
        {
          name: "storage",
          vlan: { id: 20, parent: "bond0" },
          ipv4: { address: "192.168.3.11/24", secondary: [], routes: [] },
          dns: [],
          search: [],
        },
      ],
    },
  ],
  verification: {
    image: "registry.example/agnhost:2.53",
    keep: false,
    outside: {
      name: "outside",
      ipv4: "192.168.1.90",
      ipv6: "fd5d:a57a:c400:101::90",
      ssh: { address: "192.168.1.90", port: 22, user: "root", hostKey: fakeKey(2), jump: "none" },
    },
  },
};
