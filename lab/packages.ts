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
  git: "git",
  ip: "iproute2",
  openssl: "openssl",
  pgrep: "procps",
  pip3: "python3-pip",
  python3: "python3",
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

let turn: Promise<void> = Promise.resolve();

/** Sees to it that `programs` are here; says what it installs, or what the user has to. One at a time, as apt-get wants it. */
export async function needPrograms(...programs: Program[]): Promise<void> {
  turn = turn.catch(() => {}).then(() => install(programs.filter((program) => which(program) === undefined)));
  return turn;
}

async function install(missing: readonly Program[]): Promise<void> {
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
  log?.line(`packages ${packages.join(", ")}: installed by apt-get`);
  await aptGet("install", "--yes", "--no-install-recommends", ...packages).catch(async (error) => {
    if (!(error instanceof CommandFailed)) throw error;
    await aptGet("update"); // the lists are missing or old on a fresh machine
    await aptGet("install", "--yes", "--no-install-recommends", ...packages);
  });
}

/** Labs of other processes take their turn; of strangers, such as unattended upgrades, apt-get itself waits for the end. */
async function aptGet(...line: string[]): Promise<void> {
  const patient = ["--option", "DPkg::Lock::Timeout=600"];
  await run("flock", ["/run/dualstack-apt.lock", "apt-get", ...patient, ...line], {
    env: { DEBIAN_FRONTEND: "noninteractive" },
  });
}

let log: Log | undefined;

/** The log on which installed packages are announced. */
export function announceOn(target: Log): void {
  log = target;
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
