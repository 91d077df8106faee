/** What people see of the addresses before a host is touched. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { addressPlan, renderAddresses } from "../../plan/addresses";
import { type ClusterSpec, parseSpec } from "../../spec";

function specOf(name: string, change = (text: string) => text): ClusterSpec {
  const file = join(__dirname, "specs", `${name}.yaml`);
  return parseSpec(change(readFileSync(file, "utf8")), { file }).spec;
}

test("the plan of two families, IPv6 first", () => {
  expect(renderAddresses(addressPlan(specOf("six-first")))).toBe(`cluster six-first: ipv6, then ipv4

nodes
  name      role           ipv6         ipv4
  cp-1      control-plane  fd00:10::11  10.0.0.11
  worker-1  worker         fd00:10::12  10.0.0.12

pods
  family  range             one node's        to                   nodes  left  for pods of a node
  ipv6    fd00:10:244::/56  fd00:10:244::/64  fd00:10:244:ff::/64  256    254   about 2^64
  ipv4    10.244.0.0/16     10.244.0.0/24     10.244.255.0/24      256    254   253
  room for 254 more nodes

services
  family  range             addresses
  ipv6    fd00:10:96::/112  65535
  ipv4    10.96.0.0/16      65534

API
  endpoint            https://api.cluster.example:6443
  server              https://[fd00:10::11]:6443
  server              https://10.0.0.11:6443
  Service kubernetes  fd00:10:96::1
  DNS                 fd00:10:96::a

certificate of the API
  10.0.0.11
  api.cluster.example
  cp-1
  fd00:10:96::1
  fd00:10::11
  kubernetes
  kubernetes.default
  kubernetes.default.svc
  kubernetes.default.svc.cluster.local
`);
});

test("brackets are in URLs only", () => {
  const { api } = addressPlan(specOf("six-only"));
  expect(api.endpoint).toBe("https://[fd00:10::11]:6443");
  expect(api.certificate).toContain("fd00:10::11");
  expect(api.certificate.join()).not.toContain("[");
});

test("the family with the smaller range says how many nodes there is room for", () => {
  const small = specOf("dual", (text) => text.replace('"fd00:10:244::/56"', '"fd00:10:244::/62"'));
  const { pods, nodesLeft } = addressPlan(small);
  expect(pods.map(({ left }) => left)).toEqual([254, 2]);
  expect(nodesLeft).toBe(2);
});

test("names that are made of addresses are whole RFC 1123 labels", () => {
  const named = specOf("dual", (text) =>
    text.replace("name: cp-1", "name: {from: ipv6}").replace("name: worker-1", "name: {from: ipv4}"),
  );
  expect(addressPlan(named).nodes.map(({ name }) => name)).toEqual([
    "fd00-0010-0000-0000-0000-0000-0000-0011",
    "10-0-0-12",
  ]);
});
