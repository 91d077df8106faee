/** `dualstack vendor`, through the command line parser, with the real files where a mirror has them. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { everyFile } from "../../addons/catalogue";
import { registerVendor } from "../../cli/vendor";
import { digestOf, MIRROR_SETTING } from "../../live/upstream";
import { runCommand } from "./run";

const mirror = process.env[MIRROR_SETTING];
const whole = mirror !== undefined && everyFile().every(({ path }) => existsSync(join(mirror, path)));
const needsMirror = whole ? test : test.skip;
const why = whole ? "" : `: ${MIRROR_SETTING} names no folder with every file of the catalogue`;

const vendor = (...args: string[]) => runCommand(registerVendor, "vendor", ...args);

const folder = mkdtempSync(join(tmpdir(), "vendor-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a spec whose add-ons are dualstack's own needs no file, and has a list of images", () => {
  const to = join(folder, "six-only");
  expect(vendor(to, join(__dirname, "../plan/specs/six-only.yaml"))).toMatch(/: 0 files and a list of 3 images\n$/);
  const images = readFileSync(join(to, "images.txt"), "utf8");
  expect(images).toMatch(
    /^ghcr\.io\/flannel-io\/flannel-cni-plugin:v\S+\nghcr\.io\/flannel-io\/flannel:v\S+\nregistry/,
  );
  expect(images).toMatch(
    /\n# and those of Kubernetes itself: kubeadm config images list --kubernetes-version v1\.\d+\.\d+\n$/,
  );
});

needsMirror(`the whole catalogue is copied, verified, and not again when it is there${why}`, () => {
  const to = join(folder, "all");
  const first = vendor(to);
  expect(first).not.toContain("is there");
  expect(first).toContain(`${to}: ${everyFile().length} files and a list of`);
  for (const { path, sha256 } of everyFile()) expect(digestOf(join(to, path))).toBe(sha256);
  const [one, two] = everyFile();
  const before = statSync(join(to, one!.path)).mtimeMs;
  writeFileSync(join(to, two!.path), "cut off");
  const second = vendor(to);
  expect(second.match(/ is there\n/g)).toHaveLength(everyFile().length - 1);
  expect(statSync(join(to, one!.path)).mtimeMs).toBe(before);
  expect(digestOf(join(to, two!.path))).toBe(two!.sha256);
  expect(readdirSync(to, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".part"))).toEqual([]);
});
