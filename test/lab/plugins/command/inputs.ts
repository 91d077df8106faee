/** The inputs of `command:remote:Command`: their types, their defaults, and what is refused. */
import type { Checked, Failure } from "../engine/plugin";
import { contains, isProps, isUnknown, type Props, revealProps, secret } from "../engine/wire";

/** One SSH endpoint. */
export interface Endpoint {
  host: string;
  port: number;
  user: string;
  password?: string;
  privateKey?: string;
  privateKeyPassword?: string;
  agentSocketPath?: string;
  /** How many failed attempts to connect are retried; -1 for no limit. */
  dialErrorLimit: number;
  /** Seconds one attempt may take; 0 for no limit. */
  perDialTimeout: number;
  /** One authorized_keys line. */
  hostKey: string;
}

export type Connection = Endpoint & { proxy?: Endpoint };

export interface CommandInputs {
  connection: Connection;
  create?: string;
  update?: string;
  delete?: string;
  stdin?: string;
  logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
  environment?: Record<string, string>;
  addPreviousOutputInEnv?: boolean;
  triggers?: unknown[];
}

const types: Record<keyof CommandInputs, "string" | "boolean" | "object"> = {
  connection: "object",
  create: "string",
  update: "string",
  delete: "string",
  stdin: "string",
  logging: "string",
  environment: "object",
  addPreviousOutputInEnv: "boolean",
  triggers: "object",
};
const loggings = ["stdout", "stderr", "stdoutAndStderr", "none"];
const defaults = { user: "root", port: 22, dialErrorLimit: 10, perDialTimeout: 15 };

/** Fills in the defaults of a connection and marks it secret, as the official schema does. */
export function check(news: Props): Checked {
  const plain = revealProps(news);
  const failures = Object.entries(plain).flatMap(([property, value]) => typeFailures(property, value));
  const connection = plain.connection;
  if (isUnknown(connection)) return { inputs: { ...news, connection: secret(connection) }, failures };
  if (!isProps(connection)) {
    failures.push({ property: "connection", reason: "missing required field 'connection'" });
    return { inputs: news, failures };
  }
  const proxy = isProps(connection.proxy) ? { proxy: { ...defaults, ...connection.proxy } } : {};
  failures.push(...endpointFailures("connection", connection));
  if (isProps(connection.proxy)) failures.push(...endpointFailures("connection.proxy", connection.proxy));
  return { inputs: { ...news, connection: secret({ ...defaults, ...connection, ...proxy }) }, failures };
}

export function typeFailures(property: string, value: unknown): Failure[] {
  if (property.startsWith("__") || property === "version" || contains(value, isUnknown)) return [];
  const type = types[property as keyof CommandInputs];
  if (type === undefined) return [{ property, reason: `unknown input; known are ${Object.keys(types).join(", ")}` }];
  if (typeof value !== type) return [{ property, reason: `must be of type ${type}, is ${typeof value}` }];
  if (property === "logging" && !loggings.includes(value as string)) {
    return [{ property, reason: `must be one of ${loggings.join(", ")}` }];
  }
  return [];
}

function endpointFailures(property: string, endpoint: Props): Failure[] {
  const failures: Failure[] = [];
  if (endpoint.host === undefined) failures.push({ property, reason: "missing required field 'host'" });
  if (endpoint.hostKey === undefined || endpoint.hostKey === "") {
    const reason = `missing 'hostKey' for host ${endpoint.host}: without it any machine could answer; give one authorized_keys line`;
    failures.push({ property, reason });
  }
  return failures;
}
