/** ifcfg files: what a shell makes of them, and what initscripts ask of them; NetworkManager's own reader is in test/lab/8-back-ends. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BOTH, rich, small, text } from "./backends-fixture";

describe("ifcfg", () => {
  const step = rich("ifcfg");
  const scripts = "/etc/sysconfig/network-scripts";

  /** What bash has in its variables after a file: network scripts source them (network-functions, source_config). */
  function sourced(name: string): Record<string, string> {
    const folder = mkdtempSync(join(tmpdir(), "dualstack-ifcfg-"));
    try {
      writeFileSync(join(folder, name), text(step, `${scripts}/${name}`));
      const names = [...text(step, `${scripts}/${name}`).matchAll(/^(\w+)=/gm)].map(([, one]) => one);
      const line = `. "$1"; for name in ${names.join(" ")}; do printf '%s=%s\\n' "$name" "\${!name}"; done`;
      const shown = execFileSync("bash", ["--norc", "-euc", line, "-", join(folder, name)], {
        encoding: "utf8",
        env: { PATH: process.env.PATH },
      });
      return Object.fromEntries(
        shown
          .trim()
          .split("\n")
          .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("a shell reads both families, further addresses and name servers out of it", () => {
    expect(sourced("ifcfg-bond0.100")).toMatchObject({
      DEVICE: "bond0.100",
      IPADDR: "192.168.1.11",
      PREFIX: "24",
      IPADDR1: "192.168.1.12",
      GATEWAY: "192.168.1.1",
      IPV6INIT: "yes",
      IPV6ADDR: "fd00:1::11/64",
      IPV6ADDR_SECONDARIES: "fd00:1::12/64 fd00:7::12/64",
      IPV6_DEFAULTGW: "fe80::1%bond0.100",
      IPV6_AUTOCONF: "no",
      IPV6_PRIVACY: "no",
      IPV6_MTU: "1500",
      DNS1: "192.168.1.1",
      DNS2: "fd00:1::53",
      DOMAIN: "lab.example example.org",
    });
  });

  test("ifup makes the VLAN by VID, NetworkManager by VLAN_ID", () => {
    expect(sourced("ifcfg-bond0.100")).toMatchObject({ VLAN: "yes", PHYSDEV: "bond0", VID: "100", VLAN_ID: "100" });
  });

  test("the bond has its options in one word, its members name it", () => {
    expect(sourced("ifcfg-bond0")).toMatchObject({
      BONDING_OPTS: "mode=active-backup miimon=50 primary=eth1",
      BONDING_MASTER: "yes",
    });
    expect(sourced("ifcfg-eth2")).toMatchObject({ MASTER: "bond0", SLAVE: "yes" });
  });

  test("a card is known by its address in capitals, as ifup-eth compares it", () => {
    expect(sourced("ifcfg-eth0").HWADDR).toBe("52:54:00:AB:CD:01");
  });

  test("forwarding is said where ifup-ipv6 would turn it off, and IPv6 is on for the module", () => {
    expect(text(step, "/etc/sysconfig/network")).toBe("NETWORKING=yes\nNETWORKING_IPV6=yes\nIPV6FORWARDING=yes\n");
    expect(text(step, "/etc/modprobe.d/dualstack-ipv6.conf")).toBe("options ipv6 disable=0 disable_ipv6=0\n");
  });

  test("IPV6_ADDR_GEN_MODE is gone unless it is asked for", () => {
    const all = (more: string) =>
      small("ifcfg", more)
        .files.map((file) => file.text)
        .join("");
    expect(all(BOTH)).not.toContain("IPV6_ADDR_GEN_MODE");
    expect(all(BOTH.replace('gateway: "', 'addressGeneration: stable-privacy, gateway: "'))).toContain(
      "IPV6_ADDR_GEN_MODE=stable-privacy\n",
    );
  });

  test("routes are in the words of ip route, which gets them as they are", () => {
    expect(text(step, `${scripts}/route-bond0.100`)).toBe("172.30.0.0/16 via 192.168.1.2 dev bond0.100 metric 50\n");
    expect(text(step, `${scripts}/route6-bond0.100`)).toBe("fd00:9::/64 via fe80::9 dev bond0.100\n");
  });
});
