/** How checks of ingress controllers and of pools are answered: requests from the outside host, or from this machine. */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { PROBE } from "../plan/checks";
import { TOLD } from "../plan/probe-way-in";
import type { Door, WayInCheck } from "../plan/way-in";
import { Address, hostPort } from "../spec/addresses";
import type { Family } from "../spec/families";
import type { Answer, Scene } from "./answers";
import type { Kubernetes } from "./kubernetes";

type Of<K extends WayInCheck["kind"]> = Extract<WayInCheck, { kind: K }>;

/** The answer of a backend through an ingress controller: the address that the controller saw. */
export async function throughIngress({ cluster, outside }: Scene, check: Of<"ingress">): Promise<Answer> {
  const { client, family } = check;
  const expected = client === undefined ? "the address that the controller saw" : `the client's address ${client}`;
  const at = await addressOf(cluster, check.door, family);
  if (at === undefined) return { ok: false, expected, found: `its Service has no ${family} address yet` };
  const url = `${check.scheme}://${check.host}:${check.door.port}${TOLD}`;
  const { text, failed, ...took } =
    outside === undefined
      ? await fromHere(check, at)
      : curlAnswer(await outside.run(curl(url, hostPort(at, check.door.port))));
  if (failed !== undefined) return { ok: false, expected, found: failed };
  const seen = parse(text.split(",")[0] ?? "");
  const ok = seen !== undefined && (client === undefined || seen.equals(client));
  return { ok, expected, found: seen?.toString() ?? `another answer: ${text.slice(0, 80)}`, ...took };
}

/** The answer of a probe pod by an address of a pool. */
export async function byPool({ cluster, outside }: Scene, check: Of<"load-balancer">): Promise<Answer> {
  const service = { namespace: PROBE.namespace, name: check.service };
  const at = await addressOf(cluster, { service, port: 80 }, check.family);
  const expected = `the answer of a probe pod, from an address of ${check.span}`;
  if (at === undefined)
    return { ok: false, expected, found: `Service ${check.service} has no ${check.family} address` };
  if (!check.span.contains(at)) return { ok: false, expected, found: `the Service has ${at}` };
  const url = `http://${hostPort(at, 80)}/`;
  const { text, failed, ...took } =
    outside === undefined
      ? await fromHere({ scheme: "http", host: hostPort(at, 80), door: { port: 80 }, path: "/" }, at)
      : curlAnswer(await outside.run(curl(url)));
  if (failed !== undefined) return { ok: false, expected, found: `${at}: ${failed}` };
  return { ok: text.startsWith(`${PROBE.name}-`), expected, found: `${text.slice(0, 80)} from ${at}`, ...took };
}

async function addressOf(cluster: Kubernetes, door: Door, family: Family): Promise<Address | undefined> {
  if ("address" in door) return door.address;
  const { status } = await cluster.service(door.service.namespace, door.service.name);
  const all = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => parse(ip ?? "") ?? []);
  return all.find((one) => one.family === family);
}

function parse(text: string): Address | undefined {
  try {
    return Address.parse(text.trim());
  } catch {
    return undefined;
  }
}

/**
 * The name is asked for at this address, whatever name servers say. --insecure: the way is tried, not the certificate, which is
 * one of the controller's own making until somebody brings another.
 */
function curl(url: string, at?: string): string[] {
  const connect = at === undefined ? [] : ["--connect-to", `::${at}`];
  return ["curl", "-sS", "-g", "--insecure", "--fail", "-m", "5", "-w", "\\n%{time_total}", ...connect, url];
}

interface Told {
  readonly text: string;
  /** What went wrong. */
  readonly failed?: string;
  readonly milliseconds?: number;
}

function curlAnswer({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): Told {
  const lines = stdout.trim().split("\n");
  const seconds = lines.pop();
  if (code !== 0) return { text: "", failed: stderr.trim() || `curl ended with code ${code}` };
  return { text: lines.join(" ").trim(), milliseconds: Number(seconds) * 1000 };
}

interface Question {
  readonly scheme: "http" | "https";
  readonly host: string;
  readonly door: { readonly port: number };
  readonly path?: string;
}

/** fetch takes neither another address for a name nor a certificate that nobody signed. */
function fromHere({ scheme, host, door, path = TOLD }: Question, at: Address): Promise<Told> {
  const started = performance.now();
  const options = { host: at.toString(), port: door.port, path, headers: { host }, timeout: 5000 };
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ text: "", failed: error.message });
    const request =
      scheme === "http"
        ? requestHttp(options)
        : requestHttps({ ...options, servername: host, rejectUnauthorized: false });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", failed);
    request.on("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", failed);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString().trim();
        const isGood = response.statusCode === 200;
        const milliseconds = performance.now() - started;
        resolve(isGood ? { text, milliseconds } : { text, failed: `status ${response.statusCode}` });
      });
    });
    request.end();
  });
}
