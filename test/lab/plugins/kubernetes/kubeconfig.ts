/** Where a kubeconfig leads: the server, what proves it, and what proves us. */
import { existsSync, readFileSync } from "node:fs";
import type { AgentOptions } from "node:https";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { isProps, type Props } from "../engine/wire";

export interface Cluster {
  server: string;
  tls: AgentOptions;
  headers: Record<string, string>;
  namespace: string;
}

/** Reads a kubeconfig given as content, as a path, as an object, or not at all. */
export function readKubeconfig(given: unknown, context?: string): Cluster {
  const { config, folder } = open(given);
  const chosen = entry(config, "context", context ?? config["current-context"]);
  const cluster = entry(config, "cluster", chosen.cluster);
  const user = entry(config, "user", chosen.user);
  for (const [name, part] of Object.entries({ exec: user.exec, "auth-provider": user["auth-provider"] })) {
    if (part !== undefined) throw new Error(`kubeconfig: users by ${name} are not supported by this double`);
  }
  const bytes = (from: Props, key: string): string | undefined => {
    const data = from[`${key}-data`];
    if (typeof data === "string") return Buffer.from(data, "base64").toString("utf8");
    const path = from[key];
    return typeof path === "string" ? readFileSync(resolve(folder, path), "utf8") : undefined;
  };
  const token =
    user.token ?? (typeof user.tokenFile === "string" ? readFileSync(user.tokenFile, "utf8").trim() : undefined);
  return {
    server: String(cluster.server),
    tls: {
      ca: bytes(cluster, "certificate-authority"),
      cert: bytes(user, "client-certificate"),
      key: bytes(user, "client-key"),
      rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
      ...(cluster["tls-server-name"] !== undefined && { servername: String(cluster["tls-server-name"]) }),
    },
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    namespace: String(chosen.namespace ?? "default"),
  };
}

/** The cluster a kubeconfig points at, for comparing two; undefined when there is none to be read. */
export function activeCluster(given: unknown, context?: string): unknown {
  try {
    const { config } = open(given);
    return entry(config, "cluster", entry(config, "context", context ?? config["current-context"]).cluster);
  } catch {
    return undefined;
  }
}

function open(given: unknown): { config: Props; folder: string } {
  if (isProps(given)) return { config: given, folder: "." };
  if (typeof given === "string" && given.includes("\n")) return { config: parsed(given), folder: "." };
  if (typeof given === "string" && given.startsWith("{")) return { config: parsed(given), folder: "." };
  const path = [given, process.env.KUBECONFIG].find((one) => typeof one === "string" && one !== "");
  const file = String(path ?? join(homedir(), ".kube", "config")).replace(/^~(?=\/)/, homedir());
  if (!existsSync(file)) throw new Error(`kubeconfig: no file ${file}; give content or a path to the provider`);
  return { config: parsed(readFileSync(file, "utf8")), folder: dirname(file) };
}

function parsed(text: string): Props {
  const config: unknown = parse(text);
  if (!isProps(config)) throw new Error("kubeconfig: not a YAML object");
  return config;
}

function entry(config: Props, kind: "context" | "cluster" | "user", name: unknown): Props {
  const list = config[`${kind}s`];
  const found = Array.isArray(list) ? list.find((one) => one?.name === name) : undefined;
  if (!isProps(found?.[kind])) throw new Error(`kubeconfig: no ${kind} ${JSON.stringify(name)}`);
  return found[kind];
}
