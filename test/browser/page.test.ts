/** The picture of a cluster in a real browser: readable in light and dark, on a phone, by keyboard, without network. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { source as axe } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { needPrograms, which } from "../../lab/packages";
import { diffSpecs, renderHtml } from "../../plan/diff";
import { clusterPage } from "../../plan/page";
import { planCluster } from "../../plan/plan";
import { parseSpec } from "../../spec";

const folder = mkdtempSync(join(tmpdir(), "dualstack-page-"));
const root = resolve(__dirname, "../..");

function specOf(path: string) {
  const file = join(root, path);
  return parseSpec(readFileSync(file, "utf8"), { file, placeholderKey: "made later" }).spec;
}

/** The lab's picture with results, one of which failed, and the page of a diff. */
function write(): Record<"picture" | "diff", string> {
  const spec = specOf("stacks/lab.yaml");
  const plan = planCluster(spec);
  const outcomes = plan.checks.map(({ id }, n) => ({
    id,
    ok: n !== 3,
    expected: "this",
    found: "that",
    milliseconds: n,
  }));
  const pages = {
    picture: clusterPage(plan, { warnings: ["cni.version: an old release"], outcomes }),
    diff: renderHtml(diffSpecs(spec, { ...spec, kubeProxy: { ...spec.kubeProxy, mode: "iptables" } })),
  };
  const entries = Object.entries(pages).map(([name, text]) => {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, text);
    return [name, pathToFileURL(file).href];
  });
  return Object.fromEntries(entries);
}

let browser: Browser;
const urls = write();

beforeAll(async () => {
  await needPrograms("chromium");
  browser = await chromium.launch({ executablePath: which("chromium")!, args: ["--no-sandbox"] });
}, 300_000);

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Look {
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
}

async function open(url: string, { colorScheme = "light", width = 1200 }: Look = {}): Promise<Page> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 }, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

describe.each(["picture", "diff"] as const)("%s", (name) => {
  test("asks for nothing but itself, and says nothing on the console", async () => {
    const page = await (await browser.newContext()).newPage();
    const [asked, said]: string[][] = [[], []];
    page.on("request", (request) => asked!.push(request.url()));
    page.on("console", (message) => said!.push(message.text()));
    await page.goto(urls[name]);
    expect(asked).toEqual([urls[name]]);
    expect(said).toEqual([]);
  });

  test.each(["light", "dark"] as const)(
    "has no barrier that axe knows (contrast, names, order), %s",
    async (colorScheme) => {
      const page = await open(urls[name], { colorScheme });
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })");
      await page.evaluate(axe);
      const { violations } = (await page.evaluate("axe.run()")) as {
        violations: { id: string; nodes: { html: string }[] }[];
      };
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    },
  );

  test("light and dark differ", async () => {
    const ground = (page: Page) => page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(await ground(await open(urls[name], { colorScheme: "dark" }))).not.toBe(
      await ground(await open(urls[name])),
    );
  });

  test("fits a phone without scrolling sideways", async () => {
    const page = await open(urls[name], { width: 360 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  });

  test("opens its folds by keyboard", async () => {
    const page = await open(urls[name]);
    const first = page.locator("summary").first();
    for (let presses = 0; presses < 10; presses++) {
      await page.keyboard.press("Tab");
      if (await first.evaluate((element) => element === element.ownerDocument.activeElement)) break;
    }
    await page.keyboard.press("Enter");
    expect(await page.locator("details").first().getAttribute("open")).toBe("");
  });
});

test("what is drawn is to scale: the pods' range of the lab lies where its address says", async () => {
  const page = await open(urls.picture);
  const [strip, block] = [page.locator(".frame").first(), page.locator(".frame").first().locator("i.pods")];
  const [whole, part] = [await strip.boundingBox(), await block.boundingBox()];
  // 10.244.0.0/16 in 10.0.0.0/8
  expect((part!.x - whole!.x) / whole!.width).toBeCloseTo(244 / 256, 2);
});
