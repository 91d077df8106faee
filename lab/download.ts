/** Official downloads: is the site reachable (asked once, with a short time-out), and files with verified checksums. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WayClosed } from "./artefact";
import { needPrograms } from "./packages";
import { CommandFailed, run } from "./run";

const asked = new Map<string, Promise<boolean>>();

/** Fails as a closed way where `site` (a host name) cannot be reached from here. */
export async function needSite(site: string): Promise<void> {
  await needPrograms("curl");
  const answer = asked.get(site) ?? probe(site);
  asked.set(site, answer);
  if (!(await answer)) throw new WayClosed(`${site} not reachable`);
}

/** Any answer counts, also a refusal: the site is there. */
async function probe(site: string): Promise<boolean> {
  try {
    await run("curl", ["--silent", "--head", "--max-time", "5", "--output", "/dev/null", `https://${site}/`]);
    return true;
  } catch (error) {
    if (error instanceof CommandFailed) return false;
    throw error;
  }
}

/** Downloads `url` into `folder` and checks it against the SHA-256 that the file at `checksums` gives for it. */
export async function download(url: string, checksums: string, folder: string): Promise<string> {
  await needSite(new URL(url).host);
  const name = url.split("/").at(-1)!;
  const file = join(folder, name);
  const fetch = ["--fail", "--silent", "--show-error", "--location", "--connect-timeout", "10", "--retry", "2"];
  const expected = expectedSum(await run("curl", [...fetch, checksums]), name);
  if (expected === undefined) throw new Error(`${checksums} holds no SHA-256 for ${name}`);
  await run("curl", [...fetch, "--output", file, url]);
  const found = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (found !== expected)
    throw new Error(
      `${url}: its SHA-256 is ${found}, expected ${expected}; try again, or look at who answers for this site`,
    );
  return file;
}

/** The sum for `name` in the text of a checksum file: a bare sum, or lines `sum  name`. */
function expectedSum(text: string, name: string): string | undefined {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+\*?/));
  const line = lines.length === 1 ? lines[0] : lines.find(([, file]) => file === name || file === `./${name}`);
  return /^[0-9a-f]{64}$/.test(line?.[0] ?? "") ? line![0] : undefined;
}

/** The name of this machine's processor in Go, Kubernetes and Docker file names. */
export const GO_ARCH = process.arch === "arm64" ? "arm64" : "amd64";
