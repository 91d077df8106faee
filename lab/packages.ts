/** Programs of the operating system that the lab needs; missing ones are installed where that is ours to do. */
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Log } from "./log";
import { CommandFailed, run } from "./run";

/** Debian package of every program that the lab may need; Go is not among what Debian 12 has in a usable version. */
const PACKAGE_OF = {
  chromium: "chromium",
  curl: "curl",
  dockerd: "docker.io",
  docker: "docker.io",
  runc: "runc",
  debootstrap: "debootstrap",
  gcc: "gcc libc6-dev",
  flock: "util-linux",
  ip: "iproute2",
  openssl: "openssl",
  pip3: "python3-pip",
  "ssh-keygen": "openssh-client",
  unshare: "util-linux",
  tar: "tar",
} as const;

/** A program that the lab can ask for. */
export type Program = keyof typeof PACKAGE_OF | "go";

/** Where `program` is, by PATH and the system folders that a user's PATH may lack; undefined: not here. */
export function which(program: string): string | undefined {
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/local/go/bin",
  ];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

/** Sees to it that `programs` are here; says what it installs, or what the user has to. */
export async function needPrograms(...programs: Program[]): Promise<void> {
  const missing = programs.filter((program) => which(program) === undefined);
  if (missing.length === 0) return;
  if (missing.includes("go")) {
    throw new Error(
      "the program `go` is missing: install Go 1.26 or newer (https://go.dev/dl), or let this machine reach the download sites",
    );
  }
  const packages = [...new Set(missing.flatMap((program) => (program === "go" ? [] : PACKAGE_OF[program].split(" "))))];
  if (!isDebian() || process.getuid?.() !== 0) {
    throw new Error(
      `missing here: ${missing.join(", ")}. As root on Debian or Ubuntu: apt-get install ${packages.join(" ")}; elsewhere the packages of the same purpose`,
    );
  }
  await install(packages);
}

let log: Log | undefined;
let installing: Promise<void> = Promise.resolve();

/** The log on which installed packages are announced. */
export function announceOn(target: Log): void {
  log = target;
}

/** apt-get, one at a time. */
function install(packages: readonly string[]): Promise<void> {
  installing = installing
    .catch(() => {})
    .then(async () => {
      log?.line(`packages ${packages.join(", ")}: installed by apt-get`);
      const arguments_ = ["install", "--yes", "--no-install-recommends", ...packages];
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      await run("apt-get", arguments_, { env }).catch(async (error) => {
        if (!(error instanceof CommandFailed)) throw error;
        await run("apt-get", ["update"], { env }); // the lists are missing or old on a fresh machine
        await run("apt-get", arguments_, { env });
      });
    });
  return installing;
}

function isDebian(): boolean {
  return (
    existsSync("/etc/os-release") && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"))
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
