/** Archives of images that the lab makes without a registry. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packLayer, writeArchive } from "../../lab/image";

const folder = mkdtempSync(join(tmpdir(), "dualstack-image-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function layer(name: string, text: string) {
  const tree = join(folder, name);
  mkdirSync(tree);
  writeFileSync(join(tree, "file"), text);
  return packLayer(tree, `${tree}.tar`);
}

test("images that share content have it in the archive once, from whichever file it came", async () => {
  const [tools, again, program] = [await layer("a", "tools"), await layer("b", "tools"), await layer("c", "program")];
  expect(again.digest).toBe(tools.digest);
  const work = join(folder, "work");
  mkdirSync(work);
  const archive = join(folder, "images.tar");
  const images = [
    { tag: "one:1", layers: [tools], labels: {} },
    { tag: "two:1", layers: [again, program], labels: {} },
  ];
  await writeArchive(images, archive, work);
  const tar = (...args: string[]) => execFileSync("tar", [...args, archive], { encoding: "utf8" });
  const layers = tar("--list", "--file")
    .split("\n")
    .filter((path) => path.endsWith("layer.tar"));
  const paths = [tools, program].map(({ digest }) => `${digest}/layer.tar`);
  expect(layers.map((path) => path.replace("./", "")).sort()).toEqual([...paths].sort());
  const manifest = JSON.parse(
    execFileSync("tar", ["--extract", "--to-stdout", "--file", archive, "./manifest.json"], { encoding: "utf8" }),
  );
  expect(manifest.map(({ RepoTags, Layers }: { RepoTags: string[]; Layers: string[] }) => [RepoTags, Layers])).toEqual([
    [["one:1"], paths.slice(0, 1)],
    [["two:1"], paths],
  ]);
});
