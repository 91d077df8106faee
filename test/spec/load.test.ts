import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { inOrder, loadSpec, parseSpec, SpecError } from "../../spec";
import { fakeKey, knownHostsFor } from "./keys";

const minimal = `
name: small
hosts:
  - name: cp-1
    role: control-plane
    interfaces:
      - name: eth0
        ipv4: {address: 192.168.1.11/24, gateway: 192.168.1.1}
        ipv6: {address: "fd00:1::11/64", gateway: "fe80::1"}
`;

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test("a minimal spec has every default", () => {
  const { spec, warnings } = parseSpec(minimal, { file: "small.yaml", knownHosts: knownHostsFor("192.168.1.11") });
  expect(warnings).toEqual([]);
  expect(plain(spec)).toEqual({
    name: "small",
    platform: "machine",
    kubernetes: {
      version: "1.36.3",
      install: { from: "packages" },
      runtime: { kind: "containerd", version: "2.3" },
    },
    network: {
      families: ["ipv4", "ipv6"],
      pods: { ipv4: { cidr: "10.244.0.0/16", nodeMask: 24 }, ipv6: { cidr: "fd00:10:244::/56", nodeMask: 64 } },
      services: { ipv4: "10.96.0.0/16", ipv6: "fd00:10:96::/112" },
      dns: [],
      dnsDomain: "cluster.local",
      certificateNames: [],
      reserved: [],
    },
    endpoint: { host: "192.168.1.11", address: "192.168.1.11", port: 6443 },
    cni: { kind: "flannel", version: "0.28.9", backend: "vxlan", masquerade: ["ipv4", "ipv6"] },
    kubeProxy: { mode: "nftables", nodePorts: "nodes" },
    patches: [],
    ingress: [],
    ssh: {},
    hosts: [
      {
        name: "cp-1",
        role: "control-plane",
        ssh: { address: "192.168.1.11", port: 22, user: "root", hostKey: fakeKey(1) },
        backend: "systemd-networkd",
        interfaces: [
          {
            name: "eth0",
            ip: {
              ipv4: { address: "192.168.1.11/24", secondary: [], gateway: "192.168.1.1", routes: [] },
              ipv6: { address: "fd00:1::11/64", secondary: [], gateway: "fe80::1", routes: [] },
            },
            ipv6: true,
            advertisements: false,
            privacy: false,
            addressGeneration: "eui64",
            dns: [],
            search: [],
          },
        ],
        addresses: { ipv4: "192.168.1.11", ipv6: "fd00:1::11" },
      },
    ],
    verification: { image: "registry.k8s.io/e2e-test-images/agnhost:2.53", keep: false },
  });
});

test("the primary family decides how hosts and the API are reached", () => {
  const text = `${minimal}network: {families: [ipv6, ipv4]}\n`;
  const { spec } = parseSpec(text, { file: "small.yaml", knownHosts: knownHostsFor("fd00:1::11") });
  expect(spec.endpoint.host).toBe("fd00:1::11");
  expect(spec.hosts[0]!.ssh.address).toBe("fd00:1::11");
  expect(inOrder(spec.network.families, spec.network.services).map(String)).toEqual([
    "fd00:10:96::/112",
    "10.96.0.0/16",
  ]);
});

test("a cluster of one family takes no address of the other, though its hosts may have one", () => {
  const text = `${minimal}network: {families: [ipv4]}\n`;
  const { spec } = parseSpec(text, { file: "small.yaml", knownHosts: knownHostsFor("192.168.1.11") });
  expect(Object.keys(spec.network.pods)).toEqual(["ipv4"]);
  expect(Object.keys(spec.hosts[0]!.addresses)).toEqual(["ipv4"]);
  expect(Object.keys(spec.hosts[0]!.interfaces[0]!.ip)).toEqual(["ipv4", "ipv6"]);
});

test("a host's own ssh goes before that of the spec", () => {
  const text = `
name: small
ssh: {user: admin, port: 2222}
hosts:
  - name: cp-1
    role: control-plane
    ssh: {address: cp.lab.example}
    interfaces: [{name: eth0, ipv4: {address: 192.168.1.11/24}, ipv6: {address: "fd00:1::11/64"}}]
`;
  const { spec } = parseSpec(text, { file: "small.yaml", knownHosts: knownHostsFor("[cp.lab.example]:2222") });
  expect(spec.hosts[0]!.ssh).toMatchObject({ address: "cp.lab.example", port: 2222, user: "admin" });
});

test("the lab's spec is valid", () => {
  const addresses = [51, 61, 62, 90].map((n) => `192.168.101.${n}`);
  const file = join(__dirname, "../../stacks/lab.yaml");
  const { spec } = parseSpec(readFileSync(file, "utf8"), { file, knownHosts: knownHostsFor(...addresses) });
  expect(spec.hosts.map(({ name }) => name)).toEqual(["cp-1", "worker-1", "worker-2"]);
  expect(spec.verification.outside?.ssh.address).toBe("192.168.101.90");
});

describe("a file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "spec-"));
    mkdirSync(join(folder, "stacks"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const spec = () => join(folder, "stacks/small.yaml");
  function problems(): readonly { code: string; message: string }[] {
    try {
      return loadSpec(spec()).warnings;
    } catch (error) {
      if (error instanceof SpecError) return error.problems;
      throw error;
    }
  }

  test("names its known_hosts and its private key from its own folder", () => {
    writeFileSync(spec(), `${minimal}ssh: {knownHosts: ../known, identityFile: ../key}\n`);
    writeFileSync(join(folder, "known"), knownHostsFor("192.168.1.11"));
    const loaded = loadSpec(spec()).spec;
    expect(loaded.hosts[0]!.ssh.hostKey).toBe(fakeKey(1));
    expect(loaded.ssh.identityFile).toBe(join(folder, "key"));
  });

  test("may keep the private key in the home folder", () => {
    writeFileSync(spec(), `${minimal}ssh: {knownHosts: ../known, identityFile: ~/.ssh/key}\n`);
    writeFileSync(join(folder, "known"), knownHostsFor("192.168.1.11"));
    expect(loadSpec(spec()).spec.ssh.identityFile).toBe(join(homedir(), ".ssh/key"));
  });

  test("is told when its known_hosts is not there", () => {
    writeFileSync(spec(), `${minimal}ssh: {knownHosts: ../known}\n`);
    expect(problems()).toMatchObject([
      {
        code: "host-key-missing",
        path: "ssh.knownHosts",
        message: expect.stringMatching(/^is not there .*the key of one host/),
      },
    ]);
  });

  test("is told once of all hosts when it names no known_hosts", () => {
    const second = `  - {name: w, role: worker, interfaces: [{name: eth0, ipv4: {address: 192.168.1.12/24}, ipv6: {address: "fd00:1::12/64"}}]}\n`;
    writeFileSync(spec(), minimal.replace(/\n*$/, `\n${second}`));
    const missing = problems().filter(({ code }) => code === "host-key-missing");
    expect(missing).toMatchObject([
      { path: "ssh.knownHosts", message: expect.stringMatching(/^is missing, and the keys of 2 hosts/) },
    ]);
  });

  test.each([
    ["file-missing", undefined],
    ["file-large", Buffer.alloc(1_000_001, "#")],
    ["file-encoding", Buffer.from([0xff, 0xfe])],
  ])("%s", (code, content) => {
    if (content !== undefined) writeFileSync(spec(), content);
    expect(problems()).toMatchObject([{ code, path: "", line: 1 }]);
  });

  test("file-kind", () => {
    mkdirSync(spec());
    expect(problems()).toMatchObject([{ code: "file-kind" }]);
  });
});

describe("hostile YAML is refused quickly", () => {
  test.each([
    ["lists in lists", "[".repeat(50_000), "yaml-depth"],
    ["maps in maps", "{a: ".repeat(50_000), "yaml-depth"],
    ["many keys", Array.from({ length: 20_000 }, (_, i) => `k${i}: 1\n`).join(""), "key-unknown"],
    ["a bomb of aliases", "a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n", "yaml-alias"],
    ["a prototype", "__proto__: {name: lab}\n", "key-unknown"],
  ])("%s", (_, text, code) => {
    const read = () => parseSpec(text, { file: "bad.yaml" });
    expect(read).toThrow(SpecError);
    try {
      read();
    } catch (error) {
      expect((error as SpecError).problems[0]!.code).toBe(code);
    }
  });
});
