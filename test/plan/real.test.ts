/**
 * The real programs of Kubernetes read what the plan writes. They are looked for in the folder that DUALSTACK_KUBERNETES names, or
 * where the lab keeps them (test/programs.ts has it get them); without them the tests are skipped with a word, and on CI they fail.
 * DUALSTACK_OLD_KUBERNETES may name the folder of an older kubeadm (see old-kubeadm.sh), which reads the older forms.
 */
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { planCluster } from "../../plan/plan";
import { planTree } from "../../plan/tree";
import { parseSpec } from "../../spec";
import { releaseOf } from "../../spec/versions";
import { kubeadmText } from "./kubeadm-files";

const GOLDEN = join(__dirname, "specs");
const EXAMPLES = join(__dirname, "../../stacks/examples");
/** The specs with hosts: in kind, kind writes kubeadm's file. */
const yamlIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => join(folder, name))
    .filter((file) => !/^kind:/m.test(readFileSync(file, "utf8")));

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "dualstack");

/** Every release that the lab has, the newest first. */
function cached(): string[] {
  const names = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith("kubernetes-")) : [];
  return names
    .sort(new Intl.Collator("en", { numeric: true }).compare)
    .reverse()
    .map((name) => join(cache, name));
}

/** The first folder with a kubeadm in it, or with the one program that is all of them. */
function withKubeadm(folders: readonly (string | undefined)[]): string | undefined {
  const isIn = (folder: string) => ["kubeadm", "kubernetes"].some((name) => existsSync(join(folder, name)));
  return folders.find((folder) => folder !== undefined && isIn(folder));
}

const programs = withKubeadm([process.env.DUALSTACK_KUBERNETES, ...cached()]);
const oldPrograms = withKubeadm([process.env.DUALSTACK_OLD_KUBERNETES]);
const folder = mkdtempSync(join(tmpdir(), "real-"));
afterAll(() => rmSync(folder, { recursive: true }));

if (programs === undefined && process.env.CI === "true")
  throw new Error("there is no kubeadm: name its folder as DUALSTACK_KUBERNETES");
if (programs === undefined)
  process.stderr.write("skipped: there is no kubeadm here; name its folder as DUALSTACK_KUBERNETES\n");
const whenThere = programs === undefined ? describe.skip : describe;

/** One program may be all of them, by the name that it is started with (as hyperkube was). */
function program(name: string, where = programs!): string {
  const own = join(where, name);
  if (existsSync(own)) return own;
  const link = join(folder, name);
  if (!existsSync(link)) symlinkSync(join(where, "kubernetes"), link);
  return link;
}

function run(
  name: string,
  args: readonly string[],
  env: Record<string, string> = {},
): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(program(name), args, {
    encoding: "utf8",
    timeout: 20_000,
    env: { ...process.env, ...env },
  });
  return { status, text: `${stdout}${stderr}` };
}

function treeOf(file: string, change = (text: string) => text): Map<string, string> {
  return planTree(planCluster(parseSpec(change(readFileSync(file, "utf8")), { file }).spec));
}

/** A kubeadm, and the minor release that it belongs to. */
interface Kubeadm {
  readonly path: string;
  /** v1.36.3 */
  readonly version: string;
  readonly minor: number;
}

function kubeadmIn(where: string | undefined): Kubeadm | undefined {
  if (where === undefined) return undefined;
  const path = program("kubeadm", where);
  const version = spawnSync(path, ["version", "-o", "short"], { encoding: "utf8" }).stdout.trim();
  return { path, version, minor: Number(version.split(".")[1]) };
}

const newest = kubeadmIn(programs);
const oldest = kubeadmIn(oldPrograms);

/** Which kubeadm has which form: v1beta2 up to 1.26, v1beta3 from 1.22 to 1.36, v1beta4 since 1.31. */
function reads({ minor: own }: Kubeadm, version: string): boolean {
  const release = releaseOf(version);
  if (release?.kubeadm === "v1beta4") return own >= 31;
  if (release?.kubeadm === "v1beta3") return own >= 22 && own <= 36;
  // the gate that those releases need is unknown since 1.25
  return own <= 24;
}

/** kubeadm's files of every host, as they are but for the version, and with the discovery file where it can be seen. */
function kubeadmFiles({ version }: Kubeadm, tree: Map<string, string>): [string, string][] {
  const discovery = join(folder, "discovery.yaml");
  return [...tree]
    .filter(([path]) => path.endsWith("/etc/dualstack/kubeadm.yaml"))
    .map(([path]) => {
      const text = kubeadmText(tree, path.split("/")[1]!);
      writeFileSync(discovery, tree.get(path.replace("kubeadm.yaml", "discovery.yaml")) ?? "");
      const here = text.replace("/etc/dualstack/discovery.yaml", discovery);
      return [path, here.replace(/kubernetesVersion: .*/, `kubernetesVersion: ${version}`)];
    });
}

/** What kubeadm says against the files of each host. Before 1.26 it has no "validate"; "migrate" begins with the same. */
function mistakes(kubeadm: Kubeadm, tree: Map<string, string>): string[] {
  const file = join(folder, "kubeadm.yaml");
  const args = kubeadm.minor >= 26 ? ["validate", "--config"] : ["migrate", "--old-config"];
  return kubeadmFiles(kubeadm, tree).flatMap(([path, text]) => {
    writeFileSync(file, text);
    const { status, stderr } = spawnSync(kubeadm.path, ["config", ...args, file], {
      encoding: "utf8",
      timeout: 20_000,
    });
    return status === 0 ? [] : [`${path}: ${stderr}`];
  });
}

function versionOf(file: string): string {
  return parseSpec(readFileSync(file, "utf8"), { file }).spec.kubernetes.version;
}

const specs = [...yamlIn(GOLDEN), ...yamlIn(EXAMPLES)].map((file): [string, string] => [basename(file), file]);

const NONE: Kubeadm = { path: "", version: "(none here)", minor: 36 };

whenThere.each([newest ?? NONE, oldest].filter((one) => one !== undefined))("kubeadm $version", (kubeadm) => {
  test.each(specs.filter(([, file]) => reads(kubeadm, versionOf(file))))("takes what is planned for %s", (_, file) => {
    expect(mistakes(kubeadm, treeOf(file))).toEqual([]);
  });

  // the first and the last release of each form, and where a setting begins or ends
  const forms = [16, 17, 19, 20, 21, 22, 30, 31, 37].filter((minor) => reads(kubeadm, `1.${minor}.0`));
  test.each(forms)("takes the form of 1.%i", (minor) => {
    const kubernetes = `kubernetes: {version: "1.${minor}.0", install: {folder: /srv/k}}\n`;
    expect(
      mistakes(
        kubeadm,
        treeOf(join(GOLDEN, "dual.yaml"), (text) => kubernetes + text),
      ),
    ).toEqual([]);
  });

  test("refuses what is wrong, so the rest means something", () => {
    const old = treeOf(
      join(GOLDEN, "dual.yaml"),
      (text) => `kubernetes: {version: "1.22.0", install: {folder: /srv/k}}\n${text}`,
    );
    const wrong = new Map(
      [...old].map(([path, text]) => [path, text.replaceAll("podSubnet: 10.244", "podSubnet: 10.999")]),
    );
    expect(mistakes(kubeadm, wrong).join()).toContain("podSubnet");
  });
});

whenThere.each(yamlIn(GOLDEN).map((file) => [basename(file), file]))("the components with %s", (name, file) => {
  const keys = join(folder, `pki-${name}`);
  const manifests = join(folder, `manifests-${name}`);
  const tree = treeOf(file);

  beforeAll(() => {
    for (const path of [keys, manifests]) mkdirSync(path);
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(join(keys, "sa.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
    writeFileSync(join(keys, "sa.pub"), publicKey.export({ type: "spki", format: "pem" }));
    const config = join(folder, "kubeadm.yaml");
    const [[, text] = ["", ""]] = kubeadmFiles(newest!, tree);
    writeFileSync(config, text);
    const phase = ["init", "phase", "control-plane", "all", "--config", config, "--dry-run"];
    expect(run("kubeadm", phase, { KUBEADM_INIT_DRYRUN_DIR: manifests })).toMatchObject({ status: 0 });
  });

  /** The flags that kubeadm gives to a component. */
  function flags(component: string): string[] {
    const manifest = parseAllDocuments(readFileSync(join(manifests, `${component}.yaml`), "utf8"))[0]!.toJS();
    const [, ...args] = manifest.spec.containers[0].command as string[];
    return args.map((arg) => arg.replace("/etc/kubernetes/pki", keys));
  }

  test("kube-apiserver finds nothing wrong with its flags but that etcd was left out", () => {
    const { status, text } = run(
      "kube-apiserver",
      flags("kube-apiserver").filter((flag) => !flag.startsWith("--etcd-servers=")),
    );
    expect(status).toBe(1);
    expect(text).toMatch(/"command failed" err="--etcd-servers must be specified"/);
  });

  test("kube-apiserver minds when the advertise address is not of the first family of services", () => {
    const other = name.startsWith("six") ? "10.1.2.3" : "fd00:10::99";
    const given = flags("kube-apiserver").map((flag) =>
      flag.replace(/^--advertise-address=.*/, `--advertise-address=${other}`),
    );
    expect(run("kube-apiserver", given).text).toMatch(/service IP family .* must match public address family/);
  });

  test("kube-controller-manager finds nothing wrong with its flags but that there is no cluster", () => {
    const given = flags("kube-controller-manager");
    expect(given.join(" ")).toContain("--node-cidr-mask-size");
    const { status, text } = run("kube-controller-manager", given);
    expect(status).toBe(1);
    expect(text).toMatch(/"command failed" err="stat .*controller-manager.conf: no such file or directory"/);
  });

  test("kube-proxy reads its configuration strictly and finds it valid", () => {
    const [[, text] = ["", ""]] = kubeadmFiles(newest!, tree);
    const document = parseAllDocuments(text).find((one) => one.toJS().kind === "KubeProxyConfiguration");
    const config = join(folder, "proxy.yaml");
    writeFileSync(config, String(document));
    const { status, text: said } = run("kube-proxy", [
      "--config",
      config,
      "--write-config-to",
      join(folder, "out.yaml"),
    ]);
    expect({ status, said }).toEqual({ status: 0, said: expect.not.stringMatching(/strict decoding failed/) });
  });
});
