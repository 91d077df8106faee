/** Things that the lab makes once and keeps. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type * as artefacts from "../../lab/artefact";
import type { Log } from "../../lab/log";

const cache = mkdtempSync(join(tmpdir(), "dualstack-cache-"));
let obtain: typeof artefacts.obtain;
let unusedSince: typeof artefacts.unusedSince;
const lines: string[] = [];
const log: Log = { line: (text) => void lines.push(text), during: (_, work) => work() };

beforeAll(() => {
  // the cache is where it is when the lab is loaded
  process.env.XDG_CACHE_HOME = cache;
  ({ obtain, unusedSince } = require("../../lab/artefact"));
});
beforeEach(() => lines.splice(0));
afterAll(() => rmSync(cache, { recursive: true }));

const thing = (version: string, make: (folder: string) => Promise<void>, how = "made here") => ({
  name: "thing",
  version,
  recipe: {},
  ways: [{ how, make }],
});

test("who wants a thing that another makes waits for it: it is made once", async () => {
  let made = 0;
  const slow = thing("1", async (folder) => {
    made += 1;
    await new Promise((done) => setTimeout(done, 100));
    writeFileSync(join(folder, "file"), "whole");
  });
  const folders = await Promise.all([obtain(log, slow), obtain(log, slow), obtain(log, slow)]);
  expect(new Set(folders).size).toBe(1);
  expect(readFileSync(join(folders[0]!, "file"), "utf8")).toBe("whole");
  expect(made).toBe(1);
  expect(lines).toEqual([
    expect.stringMatching(/^thing 1: made here, /),
    ...Array(2).fill("thing 1: in the cache (made here)"),
  ]);
});

test("a way that fails leaves nothing, and the next one is taken; the last one's end says why each failed", async () => {
  const broken = thing("2", async (folder) => {
    writeFileSync(join(folder, "half"), "");
    throw new Error("no room");
  });
  await expect(obtain(log, broken)).rejects.toThrow("thing 2 cannot be had:\n- not made here: no room");
  const other = { ...broken, ways: [...broken.ways, ...thing("2", async () => {}, "made there").ways] };
  expect(readdirSync(await obtain(log, other))).toEqual([".origin"]);
  expect(lines).toEqual([expect.stringMatching(/^thing 2: made there \(not made here: no room\), /)]);
  expect(readdirSync(join(cache, "dualstack/tmp"))).toEqual([]);
});

test("what no lab has asked for lately is known, and what one has asked for just now is none of it", async () => {
  const [old, used] = [
    await obtain(
      log,
      thing("3", async () => {}),
    ),
    await obtain(
      log,
      thing("4", async () => {}),
    ),
  ];
  const longAgo = new Date("2026-01-01");
  for (const folder of [old, used]) utimesSync(join(folder, ".origin"), longAgo, longAgo);
  await obtain(
    log,
    thing("4", async () => {}),
  );
  const unused = unusedSince(new Date(Date.now() - 60_000));
  expect([unused.includes(old), unused.includes(used)]).toEqual([true, false]);
  expect(unused.map((folder) => basename(folder))).not.toContain("locks");
});
