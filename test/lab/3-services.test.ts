/**
 * What a running cluster takes in place: the mode of kube-proxy, names of the API's certificate, kubelet's configuration, containerd's, a
 * link's, another way to a host. After each, what happened on the hosts is what `dualstack diff` says of the change, and nothing else.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { connect, type TLSSocket } from "node:tls";
import { Files } from "../../live/upstream";
import { diffSpecs } from "../../plan/diff";
import { claimed, happened, moment } from "./claims";
import { stepOf } from "./cluster";
import { dualstack, labSpec, on, pulumi, SPEC_FILE } from "./harness";

const original = readFileSync(SPEC_FILE, "utf8");
const spec = labSpec();
afterAll(() => writeFileSync(SPEC_FILE, original));

type Change = readonly [from: string, to: string];

/** `pulumi up` with the lab's spec changed, and what it does held against the diff; gives what restarted. */
async function up(...changes: readonly Change[]): Promise<readonly string[]> {
  const [running, before] = [labSpec(), await moment()];
  let text = original;
  for (const [from, to] of changes) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  writeFileSync(SPEC_FILE, text);
  const claims = claimed(diffSpecs(running, labSpec(), new Files(undefined)));
  const { code, output } = await pulumi("up", "--yes", "--skip-preview");
  expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
  const events = happened(before, await moment());
  expect(events).toEqual(claims);
  return events.restarted;
}

const onAll = (...components: string[]) =>
  components.flatMap((component) => spec.hosts.map(({ name }) => `${component} on ${name}`));

const everywhere = (line: string) => Promise.all(spec.hosts.map((host) => on(host, line)));
const MODE = "exec 3<>/dev/tcp/127.0.0.1/10249 && printf 'GET /proxyMode HTTP/1.0\\r\\n\\r\\n' >&3 && tail -n 1 <&3";
/** Chains of kube-proxy in each family's iptables; kubelet's own canaries are not kube-proxy's. */
const CHAINS = ["iptables", "ip6tables"]
  .map(
    (program) =>
      `${program}-save 2>/dev/null | grep -oE '^:KUBE-(SERVICES|NODEPORTS|SVC|SEP|EXT|FORWARD)' | sort -u | tr '\\n' ' '`,
  )
  .join("; echo; ");
const TABLES = "nft list tables | grep kube-proxy || true";

const IPTABLES = ["mode: nftables", "mode: iptables"] as const;
const NAMES = ["dns: [192.168.101.1]", "dns: []\n  certificateNames: [api.lab.example]"] as const;
const CONTAINERD = [
  "install: {folder: /opt/dualstack}",
  'install: {folder: /opt/dualstack}\n  runtime: {version: "1.7"}',
] as const;
const [, , last] = spec.hosts;
const LINK_AND_WAY = [
  "  - name: worker-2\n    role: worker\n    interfaces:\n      - name: eth0\n",
  `  - name: worker-2\n    role: worker\n    ssh: {address: "${last!.addresses.ipv6}", hostKey: "${last!.ssh.hostKey}"}\n` +
    "    interfaces:\n      - name: eth0\n        mtu: 1500\n",
] as const;
const BOTH = "table ip kube-proxy\ntable ip6 kube-proxy";
const ALL = /:KUBE-FORWARD .*:KUBE-SEP .*:KUBE-SVC *\n+.*:KUBE-FORWARD .*:KUBE-SEP .*:KUBE-SVC/;

describe("kube-proxy", () => {
  test("goes from nftables to iptables, in both families, on every host, and nothing of nftables stays", async () => {
    expect(await everywhere(TABLES)).toEqual(spec.hosts.map(() => BOTH));
    // flannel writes its rules with the same tool, so its pods follow
    expect(await up(IPTABLES)).toEqual(onAll("flannel", "kube-proxy"));
    expect(await everywhere(MODE)).toEqual(spec.hosts.map(() => "iptables"));
    expect(await everywhere(TABLES)).toEqual(spec.hosts.map(() => ""));
    for (const chains of await everywhere(CHAINS)) expect(chains).toMatch(ALL);
  });

  test("cleans up by itself on a host where something of another mode is left", async () => {
    const [, worker] = spec.hosts;
    await on(worker!, "nft add table ip6 kube-proxy && rm /var/lib/dualstack/kubernetes/proxy");
    const step = await stepOf(worker!);
    const said = await on(worker!, "bash -s apply 2>&1", step);
    expect(said).toContain("taking away what the old mode of kube-proxy left");
    expect(await on(worker!, TABLES)).toBe("");
    expect(await on(worker!, CHAINS)).toMatch(ALL);
  });

  test("says on both families of every node that it is healthy", async () => {
    const urls = spec.hosts.flatMap(({ addresses: { ipv4, ipv6 } }) => [`${ipv4}`, `[${ipv6}]`]);
    for (const host of urls) expect((await fetch(`http://${host}:10256/healthz`)).status).toBe(200);
  });
});

describe("a name more for the API, and no name servers any more", () => {
  test("reach the certificate and the kubelets, and restart nothing else", async () => {
    const authority = await on(spec.hosts[0]!, "sha256sum /etc/kubernetes/pki/ca.crt");
    expect(await up(IPTABLES, NAMES)).toEqual(onAll("kubelet"));
    expect(await servedNames(spec.endpoint.host, spec.endpoint.port)).toContain("DNS:api.lab.example");
    expect(await on(spec.hosts[0]!, "sha256sum /etc/kubernetes/pki/ca.crt")).toBe(authority);
    for (const config of await everywhere("grep ^resolvConf: /var/lib/kubelet/config.yaml || true")) {
      expect(config).not.toContain("/etc/dualstack");
    }
    expect(await everywhere("ls /etc/dualstack | grep resolv || true")).toEqual(spec.hosts.map(() => ""));
  });
});

describe("the host alone", () => {
  test("containerd's file in its older form: containerd starts anew, and every container runs on", async () => {
    expect(await up(IPTABLES, NAMES, CONTAINERD)).toEqual(onAll("containerd"));
    expect(await everywhere("head -n 1 /etc/containerd/config.toml")).toEqual(spec.hosts.map(() => "version = 2"));
  });

  test("a link's packet size, and SSH by the host's other address: one file on one host, and nothing starts anew", async () => {
    expect(await up(IPTABLES, NAMES, CONTAINERD, LINK_AND_WAY)).toEqual([]);
    const [, , moved] = labSpec().hosts;
    expect(moved!.ssh.address).toBe(`${moved!.addresses.ipv6}`);
    expect(await on(moved!, "cat /etc/systemd/network/*eth0.network")).toMatch(/^MTUBytes=1500$/m);
  });
});

test("the spec as it was is back, in one run: no rule of iptables stays in either family, and verify proves it once more", async () => {
  expect(await up()).toEqual(onAll("containerd", "flannel", "kube-proxy", "kubelet"));
  expect(await everywhere(MODE)).toEqual(spec.hosts.map(() => "nftables"));
  expect(await everywhere(TABLES)).toEqual(spec.hosts.map(() => BOTH));
  expect((await everywhere(CHAINS)).join("").trim()).toBe("");
  for (const config of await everywhere("grep ^resolvConf: /var/lib/kubelet/config.yaml")) {
    expect(config).toContain("/etc/dualstack/resolv.conf");
  }
  const { code, output } = await dualstack("verify", SPEC_FILE);
  expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
});

/** What the certificate of a server is valid for, as the server shows it. */
function servedNames(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host, port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? "");
      socket.end();
    });
    socket.once("error", reject);
  });
}
