/** Where the default route comes from: router advertisements, or for want of any the link itself. */
import { parse } from "yaml";
import type { Step } from "../../hosts/document";
import { BOTH, small, text, V4 } from "./backends-fixture";

describe("router advertisements", () => {
  const advertised = `${V4}, ipv6: {address: "fd00:10::11/64", advertisements: true}`;
  const ACCEPT = "net/ipv6/conf/eth0/accept_ra = 2";
  const sysctl = (step: Step) => text(step, "/etc/sysctl.d/90-dualstack.conf").split("\n");

  test.each(["ifcfg", "ifupdown", "none"])(
    "%s: the kernel takes them in though it forwards, and is told so before",
    (backend) => {
      const lines = sysctl(small(backend, advertised));
      expect(lines.indexOf(ACCEPT)).toBe(0);
      expect(lines.indexOf("net.ipv6.conf.all.forwarding = 1")).toBeGreaterThan(0);
      expect(sysctl(small(backend, BOTH))).not.toContain(ACCEPT);
    },
  );

  test.each(["systemd-networkd", "NetworkManager", "netplan"])(
    "%s takes them in itself, so the kernel must not",
    (backend) => {
      expect(sysctl(small(backend, advertised)).join()).not.toContain("accept_ra");
    },
  );

  test("each back end is told, and is told no otherwise", () => {
    const says = (more: string) => [
      text(small("systemd-networkd", more), "/etc/systemd/network/05-dualstack-eth0.network").match(
        /IPv6AcceptRA=.*/,
      )?.[0],
      text(small("NetworkManager", more), "/etc/NetworkManager/system-connections/dualstack-eth0.nmconnection").match(
        /method=(?!manual\naddress1=10).*/,
      )?.[0],
      parse(text(small("netplan", more), "/etc/netplan/90-dualstack.yaml")).network.ethernets.eth0["accept-ra"],
      text(small("ifcfg", more), "/etc/sysconfig/network-scripts/ifcfg-eth0").match(/IPV6_AUTOCONF=.*/)?.[0],
      text(small("ifupdown", more), "/etc/network/interfaces").match(/accept_ra .*/)?.[0],
    ];
    expect(says(advertised)).toEqual(["IPv6AcceptRA=yes", "method=auto", true, "IPV6_AUTOCONF=yes", "accept_ra 2"]);
    expect(says(BOTH)).toEqual(["IPv6AcceptRA=no", "method=manual", false, "IPV6_AUTOCONF=no", "accept_ra 0"]);
  });
});

describe("a host without a way out", () => {
  const lonely = 'ipv4: {address: 10.0.0.11/24}, ipv6: {address: "fd00:10::11/64"}';

  test("has default routes of last resort by its own link, so Services are reached and flannel starts", () => {
    const file = text(small("systemd-networkd", lonely), "/etc/systemd/network/05-dualstack-eth0.network");
    expect(file).toContain("[Route]\nDestination=0.0.0.0/0\nScope=link\nMetric=65535\n");
    expect(file).toContain("[Route]\nDestination=::/0\nMetric=65535\n");
    const keyfile = text(
      small("NetworkManager", lonely),
      "/etc/NetworkManager/system-connections/dualstack-eth0.nmconnection",
    );
    expect(keyfile).toContain("route1=::/0,::,65535\n");
    expect(text(small("ifcfg", lonely), "/etc/sysconfig/network-scripts/route6-eth0")).toBe(
      "::/0 dev eth0 metric 65535\n",
    );
    expect(text(small("ifupdown", lonely), "/etc/network/interfaces")).toContain(
      "up ip -6 route replace ::/0 dev $IFACE metric 65535\n",
    );
    expect(
      parse(text(small("netplan", lonely), "/etc/netplan/90-dualstack.yaml")).network.ethernets.eth0.routes,
    ).toContainEqual({
      to: "::/0",
      scope: "link",
      metric: 65535,
    });
  });

  test("needs no dummy interface, which some kernels have not", () => {
    expect(text(small("systemd-networkd", lonely), "/etc/modules-load.d/dualstack.conf")).not.toContain("dummy");
  });

  test("has none where a gateway is given or learned, or the other family is not the cluster's", () => {
    const learned = `${V4}, ipv6: {address: "fd00:10::11/64", advertisements: true}`;
    for (const more of [BOTH, learned]) {
      const file = text(small("systemd-networkd", more), "/etc/systemd/network/05-dualstack-eth0.network");
      expect(file).not.toContain("65535");
    }
  });
});
