/** The parts of the scripts that decide about another release, run by bash with programs of their own kind in place of the host's. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { script } from "../../hosts/document";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "dualstack-upgrade-"));
  mkdirSync(join(folder, "kubernetes"));
  writeFileSync(join(folder, "kubernetes/done"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the shell prints when `lines` run in a step's script on a host of this kubelet and, on a control plane, this API server. */
function shell(step: "system" | "kubernetes", kubelet: string, plane: string, ...lines: string[]): string {
  const host = [
    `base=${folder} work=${folder} state=${folder}`,
    'logged() { printf "%s\\n" "$*"; }',
    `kubelet() { echo "Kubernetes v${kubelet}"; }`,
    `plane_release() { printf '%s' '${plane}'; }`,
  ];
  const text = [script(step), ...host, ...lines].join("\n");
  return execFileSync("bash", ["-s"], { input: text, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] }).trim();
}

const lags = (kubelet: string, plane: string) =>
  shell("system", kubelet, plane, "lags 1.36.3 && echo later || echo now");

test("a host that has joined lags while its kubelet or its API server is of another release", () => {
  expect(lags("1.36.2", "")).toBe("later");
  expect(lags("1.36.3", "")).toBe("now");
  expect(lags("1.36.3", "1.36.2")).toBe("later");
  expect(lags("1.36.3", "1.36.3")).toBe("now");
  expect(shell("system", "1.36.2", "", "base=/nowhere", "lags 1.36.3 && echo later || echo now")).toBe("now");
});

test.each([
  ["1.36.3", ""],
  ["1.36.10", ""],
  ["1.37.0", ""],
  ["1.36.1", "this control plane runs v1.36.2, and Kubernetes does not go back"],
  ["1.35.9", "this control plane runs v1.36.2, and Kubernetes does not go back"],
  ["1.38.0", "kubeadm upgrades by one minor release at a time: go to 1.37 first"],
])("a control plane of 1.36.2 and a spec of %s: %s", (wanted, said) => {
  const refuse = `(refuse_release ${wanted}) 2>&1 || true`;
  expect(shell("system", "1.36.2", "1.36.2", refuse)).toContain(said);
  if (said === "") expect(shell("system", "1.36.2", "1.36.2", refuse)).toBe("");
  expect(shell("system", "1.36.2", "", refuse)).toBe("");
});

/** The repositories are not asked: what would be fetched from where is shown. */
const RECORD = [
  'source_apt() { printf "source %s\\n" "$2"; }',
  'source_dnf() { printf "source %s\\n" "$2"; }',
  "note_packages() { :; }",
];
const MANAGERS = {
  apt: { only: 'command() { [ "$2" = apt-get ]; }', pattern: /install (?!.*ca-certificates)(.*)$/gm },
  dnf: { only: 'command() { [ "$2" = dnf ]; }', pattern: /install --disableexcludes=dualstack-kubernetes (.*)$/gm },
} as const;

describe.each([
  ["apt", "kubeadm=1.37.1-*", "kubelet=1.37.1-*", "kubectl=1.37.1-*", "deb"],
  ["dnf", "kubeadm-1.37.1", "kubelet-1.37.1", "kubectl-1.37.1", "rpm"],
] as const)("packages by %s", (manager, kubeadm, kubelet, kubectl, kind) => {
  const { only, pattern } = MANAGERS[manager];
  const installed = (output: string) => [...output.matchAll(pattern)].map(([, names = ""]) => names.split(" "));
  const step = (later: string) => shell("system", "1.36.3", "", ...RECORD, only, `install_packages 1.37.1 '${later}'`);

  test("first kubeadm alone, out of the repository of its minor release", () => {
    const output = step("yes");
    expect(output).toContain(`source https://pkgs.k8s.io/core:/stable:/v1.37/${kind}/`);
    expect(installed(output)[0]).toContain(kubeadm);
    expect(output).not.toMatch(/install.*(kubelet|kubectl)[=-]1/);
  });

  test("all three on a host that has not joined", () => {
    expect(installed(step(""))[0]).toEqual(expect.arrayContaining([kubelet, kubeadm, kubectl]));
  });

  test("then kubelet and kubectl, in the node's turn; another kubelet on the way is an error", () => {
    const turn = (found: string) => shell("kubernetes", found, "", only, "(install_kubelet 1.37.1 '') 2>&1 || true");
    expect(installed(turn("1.37.1"))).toEqual([[kubelet, kubectl]]);
    expect(turn("1.36.3")).toContain("kubelet on this host is v1.36.3 after v1.37.1 was installed");
    if (manager === "apt") expect(turn("1.37.1")).toContain("apt-mark hold kubelet kubectl");
  });
});

test("of a folder the programs of Kubernetes wait, and the one that they are links to", () => {
  const from = join(folder, "release");
  mkdirSync(join(from, "bin"), { recursive: true });
  mkdirSync(join(from, "cni"));
  for (const name of ["bin/containerd", "bin/kubernetes", "cni/bridge"]) writeFileSync(join(from, name), "");
  for (const name of ["kubeadm", "kubelet", "kubectl"]) symlinkSync("kubernetes", join(from, "bin", name));
  const copied = (later: string) =>
    shell(
      "system",
      "1.36.2",
      "",
      `programs=${folder}/to cni=${folder}/to`,
      'copy() { basename "$1"; }',
      `install_folder ${from} '${later}'`,
    );
  expect(copied("yes").split("\n")).toEqual(["containerd", "bridge"]);
  expect(copied("").split("\n")).toEqual(["containerd", "kubeadm", "kubectl", "kubelet", "kubernetes", "bridge"]);
  expect(shell("kubernetes", "1.36.2", "", `kubernetes_programs ${from} | xargs -n 1 basename`).split("\n")).toEqual([
    "kubeadm",
    "kubectl",
    "kubelet",
    "kubernetes",
  ]);
});
