/** Where files of other projects are read, and that nothing unverified is. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Pinned } from "../../addons/catalogue";
import { Files, treeDigest } from "../../live/upstream";

const TEXT = "kind: Thing\n";
const pinned: Pinned = {
  path: "thing-v1/thing.yaml",
  url: "https://project.invalid/v1/thing.yaml",
  sha256: createHash("sha256").update(TEXT).digest("hex"),
  images: [],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "upstream-"));
  mkdirSync(join(folder, "mirror/thing-v1"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const mirrorFile = () => join(folder, "mirror", pinned.path);
const said: string[] = [];
const files = (mirror: string | undefined, env: Record<string, string> = {}) =>
  new Files(mirror, (line) => said.push(line), {
    PATH: process.env.PATH,
    XDG_CACHE_HOME: join(folder, "cache"),
    ...env,
  });

describe("a folder", () => {
  test("is read as the spec or the environment names it, the spec first", () => {
    writeFileSync(mirrorFile(), TEXT);
    const setting = { DUALSTACK_UPSTREAM_MIRROR: join(folder, "mirror") };
    expect(files(join(folder, "mirror")).file(pinned)).toBe(TEXT);
    expect(files(undefined, setting).file(pinned)).toBe(TEXT);
    expect(() => files(join(folder, "other"), setting).file(pinned)).toThrow("is not in the mirror");
    expect(existsSync(join(folder, "cache"))).toBe(false);
  });

  test("without the file says how to fill it", () => {
    expect(() => files(join(folder, "mirror")).file(pinned)).toThrow(
      /^thing-v1\/thing\.yaml is not in the mirror .*; 'dualstack vendor DIR' on a machine that reaches the internet/,
    );
  });

  test("with another file under its name is refused", () => {
    writeFileSync(mirrorFile(), `${TEXT}more\n`);
    expect(() => files(join(folder, "mirror")).file(pinned)).toThrow(
      /its SHA-256 is [0-9a-f]{64}, and the catalogue of dualstack pins [0-9a-f]{64}; look at who changed it/,
    );
  });
});

describe("a URL", () => {
  let server: Worker;
  let url: string;
  beforeEach(async () => {
    // in a thread of its own: downloads are synchronous
    const program = `
      const { createServer } = require("node:http");
      const { parentPort, workerData } = require("node:worker_threads");
      const { existsSync, readFileSync } = require("node:fs");
      const server = createServer(({ url }, answer) => {
        const file = workerData + url;
        answer.writeHead(existsSync(file) ? 200 : 404).end(existsSync(file) ? readFileSync(file) : "");
      }).listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;
    server = new Worker(program, { eval: true, workerData: join(folder, "mirror") });
    url = `http://127.0.0.1:${await new Promise((done) => server.once("message", done))}`;
  });
  afterEach(() => server.terminate());

  const cached = () => join(folder, "cache/dualstack/upstream", pinned.path);

  test("is read once, and kept in the cache", () => {
    writeFileSync(mirrorFile(), TEXT);
    said.length = 0;
    expect(files(url).file(pinned)).toBe(TEXT);
    rmSync(mirrorFile());
    expect(files(`${url}/`).file(pinned)).toBe(TEXT);
    expect(said).toEqual([`downloading thing-v1/thing.yaml from ${url.slice("http://".length)}`]);
  });

  test("replaces what was damaged in the cache", () => {
    writeFileSync(mirrorFile(), TEXT);
    files(url).file(pinned);
    writeFileSync(cached(), "damaged");
    expect(files(url).file(pinned)).toBe(TEXT);
  });

  test("whose file is not what is pinned leaves nothing behind", () => {
    writeFileSync(mirrorFile(), "something else");
    expect(() => files(url).file(pinned)).toThrow(`${url}/${pinned.path}: its SHA-256 is`);
    expect(readdirSync(join(folder, "cache/dualstack/upstream/thing-v1"))).toEqual([]);
  });

  test("without the file, or without an answer, names itself and the remedy", () => {
    const remedy = /cannot be downloaded: .*; 'dualstack vendor DIR'/s;
    expect(() => files(url).file(pinned)).toThrow(remedy);
    expect(() => files("http://127.0.0.1:1").file(pinned)).toThrow(remedy);
    expect(readdirSync(join(folder, "cache/dualstack/upstream/thing-v1"))).toEqual([]);
  });
});

test("a chart without Helm says what to install", () => {
  writeFileSync(mirrorFile(), TEXT);
  const rendering = { release: "thing", namespace: "net", kubernetes: "1.36.3", values: {} };
  expect(() => files(join(folder, "mirror"), { PATH: folder }).chart(pinned, rendering)).toThrow(
    /there is no program helm on this machine; install Helm/,
  );
});

describe("a chart's folder in the cache", () => {
  const chart: Pinned = { ...pinned, path: "thing-v1/thing-1.tgz", tree: "" };
  const unpacked = () => join(folder, "cache/dualstack/upstream/thing-v1/thing-1");
  const rendering = { release: "thing", namespace: "default", kubernetes: "1.36.3", values: {} };
  // stands for Helm: says what it was asked to read
  const withHelm = () => {
    writeFileSync(join(folder, "helm"), '#!/bin/sh\ncat >/dev/null\necho "$3"\n', { mode: 0o755 });
    return files(undefined, { PATH: `${folder}:${process.env.PATH}` });
  };
  beforeEach(() => {
    mkdirSync(join(unpacked(), "templates"), { recursive: true });
    writeFileSync(join(unpacked(), "Chart.yaml"), "name: thing\n");
    writeFileSync(join(unpacked(), "templates/a.yaml"), TEXT);
  });

  test("is read where it is what is pinned, as sha256sum would say it", () => {
    const listed = execFileSync("sh", ["-c", "find . -type f | sed 's,^./,,' | LC_ALL=C sort | xargs sha256sum"], {
      cwd: unpacked(),
    });
    const tree = createHash("sha256").update(listed).digest("hex");
    expect(withHelm().chart({ ...chart, tree }, rendering)).toBe(`${unpacked()}\n`);
  });

  test("is not read when a file of it is another, or has another name", () => {
    const tree = treeDigest(unpacked());
    writeFileSync(join(unpacked(), "templates/b.yaml"), TEXT);
    expect(() => withHelm().chart({ ...chart, tree }, rendering)).toThrow("cannot be downloaded");
  });
});
