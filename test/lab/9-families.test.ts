/** IPv6 alone, and IPv4 alone; each with a way of packets that the standard lab has not. */
import { describeFamilyLab } from "./families";

describeFamilyLab({ name: "ipv6-only", born: "ipv6", families: ["ipv6"] }, ({ read, look, kube }) => {
  test("pods are reached by routes over the link itself, with packets of its whole size (flannel host-gw)", async () => {
    const [plane, worker] = read().hosts;
    const route = await look(plane!, "ip -6 route show | grep fd5d:a57a:c400:2");
    expect(route).toMatch(new RegExp(`via ${worker!.addresses.ipv6} dev eth0`));
    expect(await look(plane!, "ip -o link show type vxlan")).toBe("");
    expect(await look(plane!, "cat /sys/class/net/cni0/mtu /sys/class/net/eth0/mtu")).toBe("1500\n1500");
  });

  test("no address and no route of IPv4 came to a host, nor to a pod", async () => {
    for (const host of read().hosts) {
      expect(await look(host, "ip -4 route show; ip -4 -o address show | grep -v 127.0.0.1 || true")).toBe("");
    }
    const pods = await kube("get pods --all-namespaces -o 'jsonpath={.items[*].status.podIPs[*].ip}'");
    expect(pods).not.toMatch(/\d\.\d/);
  });
});

describeFamilyLab({ name: "ipv4-only", born: "ipv4", families: ["ipv4"] }, ({ read, look }) => {
  test("kube-proxy leads to Services by iptables, and writes nothing of IPv6", async () => {
    for (const host of read().hosts) {
      expect(await look(host, "iptables-save -t nat | grep -c KUBE-SVC-")).not.toBe("0");
      expect(await look(host, "ip6tables-save | grep -cE 'KUBE-(SVC|SEP|EXT)-' || true")).toBe("0");
      expect(await look(host, "nft list tables | grep kube-proxy || true")).toBe("");
    }
  });
});
