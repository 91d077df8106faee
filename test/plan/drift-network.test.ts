/** Drift of a host's network where it has several default routes, further addresses, or another back end than networkd. */
import { Answers } from "../../hosts/look";
import { addressDrift, routeDrift } from "../../plan/drift/addresses";
import { servicesOf } from "../../plan/drift/questions";
import { planCluster } from "../../plan/plan";
import { parseSpec } from "../../spec";

const { spec } = parseSpec(
  `
name: two-ways
network: {families: [ipv4], backend: NetworkManager}
hosts:
  - name: cp-1
    role: control-plane
    interfaces:
      - {name: eth0, ipv4: {address: 10.0.0.11/24, secondary: [10.0.0.21/24], gateway: 10.0.0.1, gatewayMetric: 100}}
      - {name: eth1, ipv4: {address: 10.1.0.11/24, gateway: 10.1.0.1, gatewayMetric: 200}}
`,
  { file: "two-ways.yaml", placeholderKey: "k" },
);
const [host] = spec.hosts;

function answers(question: string, ...lines: string[]): Answers {
  return Answers.parse(["start 1.0", question, ...lines.map((line) => `  ${line}`), "end 2.0", ""].join("\n"));
}

const ETH0 = "default via 10.0.0.1 dev eth0 proto static metric 100";
const ETH1 = "default via 10.1.0.1 dev eth1 proto static metric 200";

test("of two planned default routes the second one is no drift, though it never wins", () => {
  expect(routeDrift(spec, host!, answers("routes 4", ETH0, ETH1))).toEqual([]);
  expect(routeDrift(spec, host!, answers("routes 4", ETH0))).toHaveLength(1);
});

test("a default route that is not planned is drift where it wins", () => {
  const foreign = "default via 10.9.0.1 dev eth9 proto dhcp metric 150";
  const found = routeDrift(spec, host!, answers("routes 4", ETH0, ETH1, foreign));
  expect(found.map(({ planned }) => planned)).toEqual(["via 10.1.0.1 dev eth1"]);
});

test("a further address that is gone is drift", () => {
  const shown = (address: string, device: string) => `2: ${device}    inet ${address} scope global ${device}\\ valid`;
  const rest = [shown("10.0.0.11/24", "eth0"), shown("10.1.0.11/24", "eth1")];
  expect(addressDrift(spec, host!, answers("addresses", ...rest)).map(({ name }) => name)).toEqual([
    "eth0 10.0.0.21/24",
  ]);
  expect(addressDrift(spec, host!, answers("addresses", ...rest, shown("10.0.0.21/24", "eth0")))).toEqual([]);
});

test.each([
  ["systemd-networkd", "systemd-networkd"],
  ["NetworkManager", "NetworkManager"],
  ["ifupdown", "networking"],
  ["netplan", undefined],
  ["ifcfg", undefined],
  ["none", undefined],
] as const)("with %s the service that must run is %s", (backend, service) => {
  const other = { ...spec, hosts: spec.hosts.map((each) => ({ ...each, backend })) };
  const names = servicesOf(planCluster(other).hosts[0]!).map(([name]) => name);
  expect(names.filter((name) => name !== "containerd" && name !== "kubelet")).toEqual(service ? [service] : []);
});
