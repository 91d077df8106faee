/**
 * `npm run picture`: proves the lab that is up, and takes the picture of the README: what `dualstack verify --html` writes, as a browser
 * shows it.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { needPrograms, which } from "../../lab/packages";

const root = resolve(__dirname, "../..");

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "dualstack-picture-"));
  const page = join(folder, "lab.html");
  const args = [join(root, "bin/dualstack.js"), "verify", join(root, "stacks/lab.yaml"), "--html", page];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  if (status !== 0) throw new Error("the lab is not proven: npm start");
  await needPrograms("chromium");
  const browser = await chromium.launch({ executablePath: which("chromium")!, args: ["--no-sandbox"] });
  try {
    const tab = await browser.newPage({ colorScheme: "light", viewport: { width: 1200, height: 884 } });
    await tab.goto(pathToFileURL(page).href);
    await tab.screenshot({ path: join(root, "docs/cluster.png") });
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
