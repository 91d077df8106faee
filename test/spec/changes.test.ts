/** What a running cluster cannot become. */
import { stringify } from "yaml";
import { type ClusterSpec, parseSpec, refusedChanges } from "../../spec";
import { KNOWN, WHOLE } from "./whole";

// biome-ignore format: one change a line
const CHANGES: [what: string, change: (spec: any) => void, refused: string[]][] = [
  ["nothing", () => {}, []],
  ["the name", (spec) => { spec.name = "other"; }, ["name-changed name"]],
  ["the order of the families", (spec) => { spec.network.families.reverse(); }, ["primary-changed network.families"]],
  ["the second family taken away", (spec) => { onlyIpv4(spec); }, ["family-removed network.families"]],
  ["a pod range", (spec) => { spec.network.pods.ipv4 = "10.245.0.0/16"; }, ["pods-changed network.pods.ipv4"]],
  ["a wider pod range", (spec) => { spec.network.pods.ipv6 = "fd5d:a57a:c400:400::/55"; }, ["pods-changed network.pods.ipv6"]],
  ["a node mask", (spec) => { spec.network.pods.nodeMask.ipv4 = 25; }, ["node-mask-changed network.pods.nodeMask.ipv4"]],
  ["a service range", (spec) => { spec.network.services.ipv6 = "fd5d:a57a:c400:301::/112"; }, ["services-changed network.services.ipv6"]],
  ["another spelling of a range", (spec) => { spec.network.services.ipv6 = "FD5D:A57A:C400:0300::/112"; }, []],
  ["the domain", (spec) => { spec.network.dnsDomain = "k8s.local"; }, ["domain-changed network.dnsDomain"]],
  ["the endpoint", (spec) => { spec.network.endpoint = "api2.lab.example:6443"; }, ["endpoint-changed network.endpoint"]],
  ["flannel's backend", (spec) => { spec.cni.backend = "host-gw"; }, ["cni-changed cni"]],
  ["flannel's release", (spec) => { spec.cni.version = "0.26.7"; }, []],
  ["the next release", (spec) => { spec.kubernetes.version = "1.37.1"; }, []],
  ["the next release by another way", (spec) => { spec.kubernetes.version = "1.37.1"; spec.kubernetes.install = "packages"; }, ["version-with-others kubernetes.install"]],
  ["the next release from another folder", (spec) => { spec.kubernetes.version = "1.37.1"; spec.kubernetes.install = { folder: "/opt/other" }; }, []],
  ["the next release with another mode and one more worker", (spec) => { spec.kubernetes.version = "1.37.1"; spec.kubeProxy.mode = "iptables"; spec.hosts.push(worker("worker-2", 13)); }, ["version-with-others kubeProxy.mode"]],
  ["the next release with other name servers and names", (spec) => { spec.kubernetes.version = "1.37.1"; spec.network.dns = ["192.168.1.53"]; spec.network.certificateNames = ["api.example"]; }, ["version-with-others network.dns", "version-with-others network.certificateNames"]],
  ["the next release with two more control planes", (spec) => { spec.kubernetes.version = "1.37.1"; spec.hosts.push({ ...worker("cp-2", 40), role: "control-plane" }, { ...worker("cp-3", 41), role: "control-plane" }); }, ["version-with-others hosts[cp-2]", "version-with-others hosts[cp-3]"]],
  ["an older patch", (spec) => { spec.kubernetes.version = "1.36.2"; }, ["version-back kubernetes.version"]],
  ["an older release", (spec) => { spec.kubernetes.version = "1.35.9"; }, ["version-back kubernetes.version"]],
  ["kube-proxy's mode", (spec) => { spec.kubeProxy.mode = "iptables"; }, []],
  ["a host's address", (spec) => { spec.hosts[0].interfaces[0].ipv4.address = "192.168.1.14/24"; }, ["address-changed hosts[cp-1].addresses"]],
  ["a host's name", (spec) => { spec.hosts[0].name = "cp-2"; }, ["control-plane-removed hosts[cp-1]"]],
  ["one more worker", (spec) => { spec.hosts.push(worker("worker-2", 13)); }, []],
  ["one worker less", (spec) => { spec.hosts.pop(); }, []],
  ["a worker made a control plane", (spec) => { spec.hosts[1].role = "control-plane"; spec.hosts[0].role = "worker"; }, ["control-plane-first hosts", "role-changed hosts[cp-1].role", "role-changed hosts[worker-1].role"]],
  ["a control plane before the first", (spec) => { spec.hosts.unshift({ ...worker("cp-0", 40), role: "control-plane" }, { ...worker("cp-2", 41), role: "control-plane" }); }, ["control-plane-first hosts"]],
];

function worker(name: string, n: number) {
  const [first] = structuredClone(WHOLE.hosts);
  const ipv4 = { address: `192.168.1.${n}/24`, gateway: "192.168.1.1" };
  const ipv6 = { address: `fd5d:a57a:c400:101::${n}/64`, gateway: "fe80::1" };
  return {
    ...first!,
    interfaces: [{ name: "eth0", ipv4, ipv6 }],
    name,
    role: "worker",
    ssh: { ...first!.ssh, address: `${name}.lab.example` },
  };
}

function onlyIpv4(spec: any): void {
  spec.network.families = ["ipv4"];
  for (const part of [spec.network.pods, spec.network.pods.nodeMask, spec.network.services]) delete part.ipv6;
  spec.kubeProxy.nodePorts.pop();
  delete spec.ingress[0].addresses.ipv6;
  for (const pool of spec.loadBalancer.pools) delete pool.ipv6;
}

function withWorker(change: (spec: any) => void): ClusterSpec {
  const spec = structuredClone({ ...WHOLE, hosts: [...WHOLE.hosts, worker("worker-1", 12)] });
  change(spec);
  return parseSpec(stringify(spec, { aliasDuplicateObjects: false }), { file: "whole.yaml", knownHosts: KNOWN }).spec;
}

test.each(CHANGES)("%s", (_, change, refused) => {
  const refusals = refusedChanges(
    withWorker(() => {}),
    withWorker(change),
  );
  expect(refusals.map(({ code, path }) => `${code} ${path}`)).toEqual(refused);
  for (const { message } of refusals)
    expect(message).toMatch(/(new cluster|put it|go to|go back|destroy|by itself, then this)/);
});

test("releases are not skipped, families are not added", () => {
  const old = withWorker((spec) => {
    onlyIpv4(spec);
    spec.kubernetes.version = "1.34.1";
  });
  const refusals = refusedChanges(
    old,
    withWorker(() => {}),
  );
  expect(refusals.map(({ code }) => code)).toEqual(["version-skipped", "family-added"]);
});
