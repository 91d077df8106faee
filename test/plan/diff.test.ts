/**
 * Pairs of specs in diff/: NAME/old.yaml and NAME/new.yaml, and in NAME/expected.txt the exact diff behind its exit code.
 * UPDATE_EXPECTED=1 writes them anew, to be read in review. What matters is named by an assertion below, too.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Diff,
  diffSpecs,
  exitCode,
  MOST_CHARACTERS,
  renderHtml,
  renderMarkdown,
  renderText,
  toJson,
} from "../../plan/diff";
import { parseSpec } from "../../spec";
import { fits } from "./diff-schema";
import { STAND_INS } from "./stand-ins";

const folder = join(__dirname, "diff");
const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());
const schema = JSON.parse(readFileSync(join(__dirname, "../../docs/diff.schema.json"), "utf8"));

function specOf(name: string, side: "old" | "new") {
  const file = join(folder, name, `${side}.yaml`);
  if (!existsSync(file)) return undefined;
  return parseSpec(readFileSync(file, "utf8"), { file, placeholderKey: "from known_hosts" }).spec;
}

const diffs = new Map<string, Diff>();
function diffOf(name: string): Diff {
  const diff = diffs.get(name) ?? diffSpecs(specOf(name, "old"), specOf(name, "new")!, STAND_INS);
  diffs.set(name, diff);
  return diff;
}

describe.each(names)("%s", (name) => {
  test("is the expected diff", () => {
    const diff = diffOf(name);
    const said = `exit code ${exitCode(diff)}\n\n${renderText(diff)}`;
    const expected = join(folder, name, "expected.txt");
    if (process.env.UPDATE_EXPECTED === "1") writeFileSync(expected, said);
    expect(said).toBe(readFileSync(expected, "utf8"));
  });

  test("fits the published schema, and the limits of the other formats", () => {
    const diff = diffOf(name);
    expect(fits(schema, JSON.parse(toJson(diff)))).toEqual([]);
    expect(renderMarkdown(diff).length).toBeLessThan(MOST_CHARACTERS);
    expect(renderHtml(diff)).not.toMatch(/<script|<link|(src|href)=|undefined/);
    expect(renderMarkdown(diff)).not.toContain("undefined");
  });
});

/** What each change is, in one line: exit code, class, components that restart, codes that are refused. */
function gist(name: string) {
  const { impact, consequences, refused } = diffOf(name);
  const restarts = consequences.filter((one) => one.impact === "restart").map(({ component }) => component);
  return [
    exitCode(diffOf(name)),
    impact,
    [...new Set(restarts)].sort().join(" "),
    refused.map(({ code }) => code).join(" "),
  ];
}

// biome-ignore format: one pair a line
const GISTS: [name: string, code: number, impact: string, restarts: string, refused: string][] = [
  ["nothing-changed", 0, "nothing", "", ""],
  ["host-added-to-50", 1, "live", "", ""],
  ["host-added-on-another-link", 1, "restart", "kube-proxy", ""],
  ["gateway-moved-on-48-workers", 1, "live", "", ""],
  ["worker-removed", 1, "drain", "", ""],
  ["control-planes-added", 1, "live", "", ""],
  ["control-planes-removed-from-3", 1, "drain", "", ""],
  ["kube-proxy-mode", 1, "restart", "flannel kube-proxy", ""],
  ["kube-proxy-node-ports", 1, "restart", "kube-proxy", ""],
  ["node-local-dns", 1, "not-applied", "kubelet", ""],
  ["ip-masq", 1, "not-applied", "flannel", ""],
  ["cni-release", 1, "restart", "flannel", ""],
  ["sysctl-changed", 1, "live", "", ""],
  ["containerd-series", 1, "restart", "containerd", ""],
  ["ssh-address-moved", 1, "nothing", "", ""],
  ["host-key-pinned", 1, "nothing", "", ""],
  ["reserved-range", 1, "nothing", "", ""],
  ["backend-of-one-host", 1, "live", "", ""],
  ["links-changed", 1, "not-applied", "", ""],
  ["interfaces-of-each-back-end", 1, "not-applied", "", ""],
  ["verification-image", 1, "nothing", "", ""],
  ["certificate-names", 1, "live", "", ""],
  ["dns-server-changed", 1, "not-applied", "", ""],
  ["dns-servers-none", 1, "not-applied", "kubelet", ""],
  ["kubernetes-patch", 1, "drain", "CoreDNS, kube-proxy containerd etcd, kube-apiserver, kube-controller-manager, kube-scheduler", ""],
  ["kubernetes-with-others", 2, "refused", "CoreDNS, kube-proxy containerd etcd, kube-apiserver, kube-controller-manager, kube-scheduler flannel kube-proxy kubelet", "version-with-others version-with-others"],
  ["kubernetes-skipped", 2, "refused", "containerd", "version-skipped"],
  ["host-renamed", 2, "refused", "", "host-renamed"],
  ["host-address-changed", 2, "refused", "", "address-changed"],
  ["pods-range", 2, "refused", "", "pods-changed"],
  ["family-added", 2, "refused", "", "family-added"],
  ["order-flipped", 2, "refused", "", "endpoint-changed primary-changed"],
  ["cni-backend", 2, "refused", "flannel", "cni-changed"],
  ["cni-kind", 2, "refused", "", "cni-changed"],
  ["cni-mtu", 1, "not-applied", "flannel", ""],
  ["cni-masquerade", 1, "not-applied", "flannel", ""],
];

test.each(GISTS)("%s ends with %i, is at most %s, and restarts: %s", (name, ...expected) => {
  expect(gist(name)).toEqual(expected);
});

test("another release: the first control plane by upgrade apply, the others after it, and every node drained in its turn", () => {
  const { consequences, hosts } = diffOf("kubernetes-with-three-planes");
  const what = (part: string) => consequences.filter((one) => one.what.includes(part)).map((one) => one.hosts);
  expect(what("kubeadm upgrade apply v1.36.3, once every host has that kubeadm")).toEqual([["cp-1"]]);
  expect(what("kubeadm upgrade node, after the control planes before it")).toEqual([["cp-2", "cp-3"]]);
  expect(what("one node after the other, control planes first")).toEqual([["cp-1", "cp-2", "cp-3", "worker-1"]]);
  expect(hosts.map(({ impact }) => impact)).toEqual(["drain", "drain", "drain"]);
});

test("equal changes on many hosts are one group", () => {
  const { hosts, fields } = diffOf("gateway-moved-on-48-workers");
  expect(hosts.map((group) => group.hosts.length)).toEqual([48]);
  expect(fields).toEqual([
    expect.objectContaining({ path: "hosts[].interfaces[eth0].ipv4.gateway", from: "10.0.0.1" }),
  ]);
});

test("one host more changes no other host", () => {
  const { hosts, objects } = diffOf("host-added-to-50");
  expect(hosts).toEqual([expect.objectContaining({ hosts: ["worker-50"], change: "added" })]);
  expect(objects).toEqual([]);
});

test("every pair shown backwards is no crash, and no change is none", () => {
  for (const name of names) {
    const [old, wanted] = [specOf(name, "old"), specOf(name, "new")!];
    if (wanted.hosts.length > 10) continue;
    expect(diffSpecs(wanted, wanted, STAND_INS)).toMatchObject({
      changed: false,
      impact: "nothing",
      fields: [],
      hosts: [],
    });
    if (old !== undefined) expect(exitCode(diffSpecs(wanted, old, STAND_INS)) > 0).toBe(diffOf(name).changed);
  }
});

test("a comment stays under its limit when every host of many changes in its own way", () => {
  const host = (n: number, mtu: string) =>
    `  - {name: w-${n}, role: ${n === 0 ? "control-plane" : "worker"}, interfaces: [{name: eth0, ${mtu}ipv4: {address: 10.0.${n >> 7}.${(n & 127) + 1}/16}}]}\n`;
  const spec = (mtu: (n: number) => string) => {
    const hosts = Array.from({ length: 250 }, (_, n) => host(n, mtu(n))).join("");
    const text = `name: big\nnetwork: {families: [ipv4]}\nhosts:\n${hosts}`;
    return parseSpec(text, { file: "big.yaml", placeholderKey: "k" }).spec;
  };
  const diff = diffSpecs(
    spec(() => ""),
    spec((n) => `mtu: ${1300 + n}, `),
  );
  const markdown = renderMarkdown(diff);
  expect(diff.hosts).toHaveLength(250);
  expect(markdown.length).toBeLessThan(MOST_CHARACTERS);
  expect(markdown).toContain("<details><summary>on w-0");
  expect(markdown.split("<details>").length).toBe(markdown.split("</details>").length);
});
