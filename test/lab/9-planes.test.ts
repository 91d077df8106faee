/**
 * Three control planes that hold the addresses of the API together: an address moves when its holder fails, each takes another release
 * while the others answer, and when two of them leave the cluster, etcd and the API go on.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Address, type ClusterSpec, type Host, hostPort, inOrder, loadSpec } from "../../spec";
import { kubectl } from "./cluster";
import { dualstack, LONG, labEnvironment, on, ROOT, run, until } from "./harness";

const file = join(ROOT, "test/lab/specs/planes.yaml");
const original = readFileSync(file, "utf8");
const [OLD, NEW] = ["1.36.2", "1.36.3"];
const newer = original.replace(`version: "${OLD}"`, `version: "${NEW}"`);
/** Milliseconds without an answer while one of three changes: the others take its address over in some 12 s. */
const LONGEST_GAP = 30_000;
const UP = ["pulumi", "up", "--yes", "--skip-preview", "--stack", "planes"];

afterAll(async () => {
  writeFileSync(file, original);
  await dualstack("lab", "down", file);
}, LONG);

let spec: ClusterSpec;
const ask = (host: Host, line: string) => on(host, line, "", spec);
const addresses = () => inOrder(spec.network.families, spec.endpoint.virtual ?? {}).map(String);

/** The hosts that have an address now. */
async function holders(address: string): Promise<string[]> {
  const shown = await Promise.all(spec.hosts.map((host) => ask(host, `ip -o address show to ${address}`)));
  return spec.hosts.filter((_, i) => shown[i] !== "").map(({ name }) => name);
}

/** Does the API answer at an address, as the host outside sees it? */
async function answers(address: string): Promise<boolean> {
  const at = address.includes(":") ? `[${address}]` : address;
  const url = `https://${at}:${spec.endpoint.port}/readyz`;
  return (await on(spec.verification.outside!, `curl -gsk -m 2 '${url}' || true`, "", spec)) === "ok";
}

/** How many members etcd has, by its own word. */
async function members(): Promise<number> {
  const pki = "/etc/kubernetes/pki/etcd";
  const login = `--cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key`;
  const asked = await ask(spec.hosts[0]!, `curl -fsS ${login} -d '{}' https://localhost:2379/v3/cluster/member/list`);
  return JSON.parse(asked).members.length;
}

test(
  "comes up, and the API answers at both virtual addresses with a certificate that names them",
  async () => {
    const { code, output } = await dualstack("lab", "up", file);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    expect(output).toMatch(/(\d+) of \1 checks passed \(ipv6 and ipv4\)/);
    spec = loadSpec(file).spec;
    expect(await members()).toBe(3);
    for (const address of addresses()) expect(await holders(address)).toHaveLength(1);
    const { output: said } = await dualstack("verify", file);
    for (const address of addresses()) expect(said).toContain(`outside reaches the API by ${address}`);
  },
  LONG,
);

test("an address leaves a host whose API is gone, and the API answers there all the time but for seconds", async () => {
  const [address] = addresses();
  const [name] = await holders(address!);
  const holder = spec.hosts.find((host) => host.name === name)!;
  await ask(holder, "mv /etc/kubernetes/manifests/kube-apiserver.yaml /root/");
  await until("another holder", async () => !(await holders(address!)).includes(holder.name));
  await until("the API at its address", () => answers(address!));
  await ask(holder, "mv /root/kube-apiserver.yaml /etc/kubernetes/manifests/");
  for (const each of addresses()) expect(await holders(each)).toHaveLength(1);
});

test("both addresses leave a host whose keepalived is killed", async () => {
  const [address] = addresses();
  const [name] = await holders(address!);
  const holder = spec.hosts.find((host) => host.name === name)!;
  await ask(holder, "systemctl stop keepalived");
  for (const each of addresses()) {
    await until(`another holder of ${each}`, async () => !(await holders(each)).includes(holder.name));
    await until(`the API at ${each}`, () => answers(each));
  }
  await ask(holder, "systemctl start keepalived");
});

/** Asks the API at the URL $1 over and over, until a file is there; prints the longest time in milliseconds without an answer. */
const ASK = `last=$(date +%s%N) most=0
until [ -e /run/enough ]; do
  if [ "$(curl -gsk -m 2 "$1")" = ok ]; then
    now=$(date +%s%N) gap=$((now - last)) last=$now
    [ $gap -le $most ] || most=$gap
  fi
  sleep 0.2
done
echo $((most / 1000000))
`;

test(
  "each takes another release, one after the other, while the API answers at its addresses all the time but for seconds",
  async () => {
    const outside = spec.verification.outside!;
    const urls = addresses().map((each) => `https://${hostPort(Address.parse(each), spec.endpoint.port)}/readyz`);
    const loops = urls.map((url, i) => `setsid bash /run/ask '${url}' >/run/gap-${i} 2>&1 </dev/null &`);
    await on(outside, `rm -f /run/enough; cat >/run/ask; ${loops.join(" ")} sleep 1`, ASK, spec);
    writeFileSync(file, newer);
    const staged = await dualstack("lab", "up", "--hosts-only", file);
    expect([staged.code, staged.code === 0 ? "" : staged.output]).toEqual([0, ""]);
    const { code, output } = await run(UP, await labEnvironment(file));
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    const gaps = await on(outside, "touch /run/enough; sleep 3; cat /run/gap-*", "", spec);
    process.stdout.write(
      `longest time without an answer at ${addresses().join(", ")}: ${gaps.replace("\n", " and ")} ms\n`,
    );
    expect(gaps.split("\n")).toHaveLength(2);
    for (const gap of gaps.split("\n").map(Number)) expect(gap > 0 && gap < LONGEST_GAP).toBe(true);
    const versions = await kubectl(
      "get nodes -o 'jsonpath={.items[*].status.nodeInfo.kubeletVersion} {.items[*].spec.unschedulable}'",
      "",
      spec,
    );
    expect(versions).toBe(`v${NEW} v${NEW} v${NEW}`);
    const line = "-n kube-system get pods -o 'jsonpath={.items[*].spec.containers[*].image}'";
    const components = ["apiserver", "controller-manager", "scheduler", "proxy"].map((name) => `kube-${name}:v${NEW}`);
    // the pods of kube-proxy are replaced one after the other, from when the last control plane has the release
    await until("every component", async () => {
      const images = (await kubectl(line, "", spec)).split(" ");
      return components.every((each) => images.filter((image) => image.endsWith(each)).length === 3);
    });
    const started = await Promise.all(
      spec.hosts.map((host) => ask(host, "systemctl show kubelet -p ActiveEnterTimestamp --value --timestamp=unix")),
    );
    expect(started).toEqual([...started].sort());
    expect(await members()).toBe(3);
  },
  LONG,
);

test(
  "two control planes leave: etcd has one member, the API answers, and the hosts are bare",
  async () => {
    const gone = spec.hosts.slice(1);
    const start = newer.indexOf("  - name: cp-2");
    writeFileSync(file, newer.slice(0, start) + newer.slice(newer.indexOf("verification:")));
    const env = await labEnvironment(file);
    const { code, output } = await run(UP, env);
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    expect(await kubectl("get nodes -o name", "", spec)).toBe("node/cp-1");
    expect(await members()).toBe(1);
    for (const address of addresses()) {
      expect(await holders(address)).toEqual(["cp-1"]);
      expect(await answers(address)).toBe(true);
    }
    for (const host of gone) {
      expect(await ask(host, "ls -d /etc/kubernetes /var/lib/etcd /var/lib/dualstack 2>/dev/null || true")).toBe("");
      expect(await ask(host, "systemctl is-active keepalived || true")).toBe("inactive");
    }
  },
  LONG,
);
