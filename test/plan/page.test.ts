/** The picture of a cluster: what it says, that it is to scale, that it stands alone and stays small. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clusterPage, type Outcome } from "../../plan/page";
import { frames, percent, place } from "../../plan/page/frames";
import { planCluster } from "../../plan/plan";
import { Cidr, type ClusterSpec, parseSpec } from "../../spec";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS";

function specOf(name: string): ClusterSpec {
  const file = join(__dirname, "specs", `${name}.yaml`);
  return parseSpec(readFileSync(file, "utf8"), { file }).spec;
}

function many(count: number): ClusterSpec {
  const hosts = Array.from({ length: count }, (_, n) => {
    const [role, at] = [n === 0 ? "control-plane" : "worker", 11 + n];
    const ipv4 = `{address: 10.0.${at >> 8}.${at & 255}/16, gateway: 10.0.0.1}`;
    const ipv6 = `{address: "fd00:10::${at.toString(16)}/64", gateway: "fe80::1"}`;
    return `  - {name: host-${n}, role: ${role}, ssh: {hostKey: "${KEY}"}, interfaces: [{name: eth0, ipv4: ${ipv4}, ipv6: ${ipv6}}]}`;
  });
  return parseSpec(`name: many\nhosts:\n${hosts.join("\n")}\n`, { file: "many.yaml" }).spec;
}

const passed = ({ id }: { id: string }): Outcome => ({ id, ok: true, expected: "", found: "", milliseconds: 7 });
const pictureOf = (spec: ClusterSpec, findings = {}) => clusterPage(planCluster(spec), { warnings: [], ...findings });

test("it names both families, the ranges, what is used and what is left", () => {
  const page = pictureOf(specOf("dual"));
  for (const text of [
    "IPv4, the primary family",
    "IPv6, the second family",
    "link of the hosts: 3 of 256 addresses used",
    "2 of 256 node ranges (/24) used, 254 left; each holds 253 pod addresses",
    "2 of 256 node ranges (/64) used, 254 left; each holds about 2^64 pod addresses",
    "65,535 addresses for Services",
    "VXLAN of flannel over IPv6 (UDP 8472)",
    "masquerades it as fd00:10::12",
    "26 checks planned",
  ]) {
    expect(page.replace(/<[^>]*>/g, "")).toContain(text);
  }
});

test("a cluster of one family shows one", () => {
  const page = pictureOf(specOf("six-only"));
  expect(page).toContain("IPv6, the only family");
  expect(page).not.toContain("IPv4");
});

test("results: the failed check in full, the host that it concerns, and the sum", () => {
  const plan = planCluster(specOf("dual"));
  const outcomes = plan.checks.map(passed);
  const failing = outcomes.findIndex(({ id }) => id === "node-ready/worker-1");
  outcomes[failing] = { ...outcomes[failing]!, ok: false, expected: "Ready", found: "NotReady <kubelet>" };
  const text = clusterPage(plan, { warnings: [], outcomes });
  expect(text).toContain("25 of 26 passed");
  expect(text).toContain("expected Ready; found NotReady &lt;kubelet&gt;");
  expect(text).toMatch(/worker-1<\/th>.*<span class="bad">\d+ of \d+ passed/);
  expect(text).toMatch(/cp-1<\/th>.*<span class="good">/);
});

test("warnings come before everything else, as text", () => {
  const text = pictureOf(specOf("dual"), { warnings: ["cni.version: <b>old</b> & gone"] });
  expect(text.indexOf("&lt;b&gt;old&lt;/b&gt; &amp; gone")).toBeLessThan(text.indexOf("<h2>Addresses"));
  expect(text).toContain("&lt;b&gt;");
});

test("the same plan gives the same bytes, which ask nobody for anything", () => {
  const text = pictureOf(specOf("dual"));
  expect(pictureOf(specOf("dual"))).toBe(text);
  expect(text).not.toMatch(/<script|<link|<img|(src|href)=|url\(|@import|undefined|NaN/);
});

test("200 hosts with all their results stay under 1 MB", () => {
  const plan = planCluster(many(200));
  const text = clusterPage(plan, { warnings: [], outcomes: plan.checks.map(passed) });
  expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
  expect(text.match(/<th scope="row"/g)).toHaveLength(200);
});

describe("strips are to scale", () => {
  const parse = (...texts: string[]) => texts.map((text) => ({ cidr: Cidr.parse(text) }));

  test("ranges that share their first bits lie in one frame, others in another", () => {
    const found = frames(parse("10.96.0.0/16", "10.244.0.0/16", "192.168.101.0/24"));
    expect(found.map(({ frame, ranges }) => [String(frame), ranges.length])).toEqual([
      ["10.0.0.0/8", 2],
      ["192.168.101.0/24", 1],
    ]);
  });

  test("a frame is the smallest range that holds what it shows", () => {
    const [six] = frames(parse("fd00:10::/64", "fd00:10:96::/112", "fd00:10:244::/56"));
    expect(String(six?.frame)).toBe("fd00:10::/38");
    expect(frames([])).toEqual([]);
  });

  test("places are in percent, also where numbers are beyond 2^53", () => {
    expect(place(Cidr.parse("fd00::/32"), Cidr.parse("fd00:0:8000::/33"))).toEqual({ left: 50, width: 50 });
    expect(percent(1n << 126n, 1n << 128n)).toBe(25);
  });
});
