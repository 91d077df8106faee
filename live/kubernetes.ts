/** A client of the cluster's API, made from a kubeconfig. Only this file knows the client library. */
import { Writable } from "node:stream";
import {
  ApiException,
  CoreV1Api,
  Exec,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  type V1Node,
  type V1Pod,
  type V1Service,
  type V1Status,
} from "@kubernetes/client-node";
import type { KubeObject } from "../addons/objects";
import { again } from "./again";

export type { V1Node, V1Pod, V1Service } from "@kubernetes/client-node";

const FIELD_MANAGER = "dualstack";

/** What a program in a pod answered. */
export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The calls that dualstack makes to a live API server. Every one throws Error with the server's own message. */
export class Kubernetes {
  private readonly core: CoreV1Api;
  private readonly objects: KubernetesObjectApi;
  private readonly exec: Exec;

  constructor(kubeconfig: string) {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    this.core = config.makeApiClient(CoreV1Api);
    this.objects = KubernetesObjectApi.makeApiClient(config);
    this.exec = new Exec(config);
  }

  async nodes(): Promise<V1Node[]> {
    return (await teach("list nodes", () => this.core.listNode())).items;
  }

  async pods(namespace: string, labelSelector: string): Promise<V1Pod[]> {
    return (await teach("list pods", () => this.core.listNamespacedPod({ namespace, labelSelector }))).items;
  }

  async podsOn(node: string): Promise<V1Pod[]> {
    const listed = () => this.core.listPodForAllNamespaces({ fieldSelector: `spec.nodeName=${node}` });
    return (await teach(`list pods of node ${node}`, listed)).items;
  }

  /** Lets no new pod come to a node. */
  async cordon(name: string): Promise<void> {
    const patched = () =>
      this.objects.patch(
        { apiVersion: "v1", kind: "Node", metadata: { name }, spec: { unschedulable: true } },
        undefined,
        undefined,
        FIELD_MANAGER,
        undefined,
        PatchStrategy.MergePatch,
      );
    await teach(`cordon Node ${name}`, patched);
  }

  /** Deletes a Node; one that is not there is no error. */
  async deleteNode(name: string): Promise<void> {
    await teach(`delete Node ${name}`, () => this.core.deleteNode({ name }), [404]);
  }

  /** Evicts a pod as its PodDisruptionBudget allows. Gives why it does not, for now; undefined when the pod goes or is gone. */
  async evict({ metadata }: V1Pod): Promise<string | undefined> {
    const { name = "", namespace = "" } = metadata ?? {};
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
    try {
      await again(() => this.core.createNamespacedPodEviction({ name, namespace, body }), isAnswer);
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) return undefined;
      if (error instanceof ApiException && error.code === 429) return messageOf(error);
      throw new Error(`cannot evict pod ${namespace}/${name}: ${messageOf(error)}`);
    }
    return undefined;
  }

  async service(namespace: string, name: string): Promise<V1Service> {
    return teach(`read Service ${namespace}/${name}`, () => this.core.readNamespacedService({ namespace, name }));
  }

  /** Server-side apply: the object is as given, whatever was there before. */
  async apply(object: KubeObject): Promise<void> {
    const { kind, metadata } = object;
    // biome-ignore lint/suspicious/noExplicitAny: the library's type for any object wants fields that it does not need
    const body = object as any;
    const applied = () =>
      this.objects.patch(body, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
    await teach(`apply ${kind} ${metadata.name}`, applied);
  }

  /** Deletes a namespace and what is in it; one that is not there is no error. Does not wait. */
  async deleteNamespace(name: string): Promise<void> {
    const deleted = () => this.core.deleteNamespace({ name });
    await teach(`delete Namespace ${name}`, deleted, [404]);
  }

  /**
   * Waits until a namespace that is being deleted is gone: an object that is applied there meanwhile goes with it. One that is not
   * there, or stays, needs no waiting.
   */
  async awaitDeletion(name: string, seconds: number): Promise<void> {
    const read = () => teach(`read Namespace ${name}`, () => this.core.readNamespace({ name }), [404]);
    for (const end = Date.now() + seconds * 1000; (await read())?.metadata?.deletionTimestamp !== undefined; ) {
      if (Date.now() > end)
        throw new Error(
          `Namespace ${name} has been going away for ${seconds} s: 'kubectl get namespace ${name} -o yaml' says what keeps it`,
        );
      await new Promise((again) => setTimeout(again, 500));
    }
  }

  /** Lets the holder of a bootstrap token join for `minutes` (k8s.io/docs/reference/access-authn-authz/bootstrap-tokens). */
  async admit(token: string, minutes: number, description: string): Promise<void> {
    const [id = "", secret = ""] = token.split(".");
    await this.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      stringData: {
        "token-id": id,
        "token-secret": secret,
        "usage-bootstrap-authentication": "true",
        "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
        expiration: new Date(Date.now() + minutes * 60_000).toISOString(),
        description,
      },
    });
  }

  /** Runs a program in a pod, without a shell, for at most 15 seconds: a connection to a pod that is going away never ends by itself. */
  async run(namespace: string, pod: string, container: string, command: string[]): Promise<ExecResult> {
    const [stdout, stderr] = [new Sink(), new Sink()];
    return new Promise((resolve, reject) => {
      const done = (status: V1Status) => {
        const cause = status.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
        const code = status.status === "Success" ? 0 : Number(cause ?? -1);
        resolve({ code, stdout: stdout.text, stderr: stderr.text || (code < 0 ? (status.message ?? "") : "") });
      };
      this.exec
        .exec(namespace, pod, container, command, stdout, stderr, null, false, done)
        .then((socket) => {
          const timer = setTimeout(() => {
            socket.close();
            reject(new Error(`no answer from pod ${pod} within 15 s`));
          }, 15_000);
          socket.on("error", reject);
          socket.on("close", () => {
            clearTimeout(timer);
            // what the pod said last may still be under way to `done`
            setTimeout(() => reject(new Error(`the connection to pod ${pod} was closed`)), 500);
          });
        })
        .catch(reject);
    });
  }
}

class Sink extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
async function teach<T>(doing: string, call: () => Promise<T>, accepted: number[] = []): Promise<T> {
  try {
    return await again(call, isAnswer);
  } catch (error) {
    if (error instanceof ApiException && accepted.includes(error.code)) return undefined as T;
    throw new Error(`cannot ${doing}: ${messageOf(error)}`);
  }
}

/** The server's own word; anything else is a connection that was cut. */
const isAnswer = (error: unknown) => error instanceof ApiException;

function messageOf(error: unknown): string {
  if (!(error instanceof ApiException)) return error instanceof Error ? error.message : String(error);
  try {
    return `${error.code} ${JSON.parse(error.body).message}`;
  } catch {
    return `${error.code} ${error.message}`;
  }
}
