/** The Kubernetes API over HTTPS: one request at a time, objects in and out, Status objects as errors. */
import { Agent, request } from "node:https";
import type { Props } from "../engine/wire";
import type { Cluster } from "./kubeconfig";

/** What the API server answered instead of the object; `reason` is the machine's word, such as `AlreadyExists`. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.code === 404;

export interface Body {
  type: "application/json" | "application/apply-patch+yaml" | "application/merge-patch+json";
  content: Props;
}

/** The address of one object, and its name in errors. */
export interface Place {
  path: string;
  namespace?: string;
  title: string;
}

/** A kind as the API's discovery tells it; names with a slash are parts of objects. */
interface Kind {
  name: string;
  kind: string;
  namespaced: boolean;
}

export class Api {
  private readonly agent: Agent;
  private readonly kinds = new Map<string, Promise<Props>>();

  constructor(private readonly cluster: Cluster) {
    this.agent = new Agent({ ...cluster.tls, keepAlive: true, maxSockets: 10 });
  }

  /** Where an object of this kind lives, by the API's own discovery. Kinds come and go, so a miss is asked again. */
  async place(apiVersion: string, kind: string, name: string, namespace: string): Promise<Place> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const found = await this.discover(root, kind).catch((error: Error) => {
      if (isMissing(error)) return undefined;
      throw new Error(`${kind} ${name}: ${error.message}`);
    });
    if (found === undefined) {
      throw new ApiError(404, "NoMatch", `${kind} ${name}: the API server knows no kind ${kind} in ${apiVersion}`);
    }
    const encoded = encodeURIComponent(name);
    if (!found.namespaced) return { path: `${root}/${found.name}/${encoded}`, title: `${kind} ${name}` };
    const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${found.name}/${encoded}`;
    return { path, namespace, title: `${kind} ${namespace}/${name}` };
  }

  private async discover(root: string, kind: string): Promise<Kind | undefined> {
    const list = this.kinds.get(root) ?? this.request("GET", root, root);
    this.kinds.set(root, list);
    const forget = () => this.kinds.delete(root);
    const { resources } = await list.catch((error) => {
      forget();
      throw error;
    });
    const found = (resources as Kind[]).find((one) => one.kind === kind && !one.name.includes("/"));
    if (found === undefined) forget();
    return found;
  }

  get = ({ path, title }: Place): Promise<Props> => this.request("GET", path, title);

  /** The object, or undefined when there is none. */
  find = (place: Place): Promise<Props | undefined> =>
    this.get(place).catch((error) => {
      if (isMissing(error)) return undefined;
      throw error;
    });

  /** Server-side apply. */
  apply({ path, title }: Place, content: Props, manager: string, force: boolean): Promise<Props> {
    const query = new URLSearchParams({ fieldManager: manager, force: String(force), fieldValidation: "Warn" });
    return this.request("PATCH", `${path}?${query}`, title, { type: "application/apply-patch+yaml", content });
  }

  delete({ path, title }: Place, propagationPolicy: string): Promise<Props> {
    const content = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
    return this.request("DELETE", path, title, { type: "application/json", content });
  }

  request(method: string, path: string, title: string, body?: Body): Promise<Props> {
    const { server, headers } = this.cluster;
    const text = body === undefined ? undefined : JSON.stringify(body.content);
    const extra = body === undefined ? {} : { "content-type": body.type, "content-length": Buffer.byteLength(text!) };
    return new Promise((done, fail) => {
      const unreachable = (error: Error) =>
        fail(new Error(`${title}: cannot reach the cluster at ${server}: ${error.message || error.name}`));
      const options = {
        method,
        agent: this.agent,
        timeout: 30_000,
        headers: { accept: "application/json", ...headers, ...extra },
      };
      const call = request(server.replace(/\/$/, "") + path, options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", unreachable);
        response.on("end", () => {
          const { value, problem } = read(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8"), title);
          if (problem === undefined) done(value);
          else fail(problem);
        });
      });
      call.on("timeout", () => call.destroy(new Error("no answer within 30 s")));
      call.on("error", unreachable);
      call.end(text);
    });
  }
}

function read(code: number, text: string, title: string): { value: Props; problem?: ApiError } {
  let value: Props = {};
  try {
    value = JSON.parse(text);
  } catch {
    value = { message: text.trim() }; // proxies and early errors speak plain text
  }
  if (code >= 200 && code < 300) return { value };
  const reason = String(value.reason ?? code);
  return { value, problem: new ApiError(code, reason, `${title}: ${value.message ?? "no message"} (${reason})`) };
}
