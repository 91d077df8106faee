/** The catalogue against the files themselves. */
import { everyFile, everyImage } from "../../addons/catalogue";
import { imagesOf } from "../../addons/images";
import { objectsOf } from "../../addons/upstream";
import { REAL, testWith, why } from "../upstream";

const manifests = everyFile().filter(({ path }) => path.endsWith(".yaml"));

test("every file has a place of its own, an address of its project, a digest and images with a tag", () => {
  const files = everyFile();
  expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
  for (const { path, url, sha256 } of files) {
    expect(path).toMatch(/^[a-z0-9.-]+-v\d+\.\d+\.\d+\/[a-z0-9_.-]+\.(yaml|tgz)$/);
    expect(url).toMatch(/^https:\/\/(raw\.githubusercontent\.com|helm\.cilium\.io)\//);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  }
  for (const image of everyImage()) expect(image).toMatch(/:(distroless-)?v?\d[^:@]*(@sha256:[0-9a-f]{64})?$/);
});

describe.each(manifests.map((pinned) => [pinned.path, pinned] as const))("%s", (path, pinned) => {
  testWith(pinned)(`is what is pinned, and starts the images that the catalogue names${why(pinned)}`, () => {
    const objects = objectsOf(REAL, pinned);
    expect(objects.length).toBeGreaterThan(0);
    // what its project's kustomization puts in
    const images = imagesOf(objects).filter((image) => !image.endsWith("-placeholder:placeholder"));
    // an operator starts more than its own manifest says
    if (path.includes("operator")) expect(pinned.images).toEqual(expect.arrayContaining(images));
    else expect([...pinned.images].sort()).toEqual(images);
  });
});
