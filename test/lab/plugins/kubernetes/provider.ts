/** `kubernetes:<group/version>:<Kind>` and `...:<Kind>Patch`: objects of any kind by server-side apply. */
import { differences } from "../engine/diff";
import type { Log } from "../engine/log";
import {
  type Checked,
  type Difference,
  type Limits,
  NotReady,
  type Plugin,
  type Stored,
  type Subject,
} from "../engine/plugin";
import { keepSecrets, type Props } from "../engine/wire";
import { Api, isMissing, type Place } from "./api";
import { readKubeconfig } from "./kubeconfig";
import {
  annotation,
  identityOf,
  idOf,
  isPatch,
  type KubeObject,
  managerOf,
  objectOf,
  partsOf,
  project,
  stateOf,
  withName,
} from "./objects";
import { needsReplacement } from "./replace";
import { rollout } from "./rollout";
import { compareSettings, readSettings, type Settings } from "./settings";
import { type Applying, apply, make, patch, relinquish, remove, untilFound } from "./store";

export class KubernetesPlugin implements Plugin {
  readonly version = "4.32.0";
  private settings: Settings = readSettings({});
  private connected: Connected | undefined;

  constructor(private readonly log: Log) {}

  diffConfig = compareSettings;

  configure(args: Props): void {
    this.settings = readSettings(args);
    this.connected = undefined;
  }

  check(subject: Subject, olds: Props, news: Props, seed: Uint8Array): Checked {
    const { kind, metadata } = objectOf(news);
    if (kind === undefined) throw new Error(`${subject.type}: this double serves plain kinds and their patches only`);
    if (!isPatch(subject, kind)) return { inputs: withName(subject, olds, news, seed), failures: [] };
    const reason = `a ${kind}Patch must name the object whose fields it changes`;
    const failures = metadata.name === undefined ? [{ property: "metadata.name", reason }] : [];
    return { inputs: news, failures };
  }

  diff(stored: Stored, news: Props): Difference {
    const object = objectOf(news);
    const changes = differences(stored.inputs, news).filter(({ path }) => !path.startsWith("__"));
    const replaces = changes.map(({ path }) => path).filter((path) => this.replaces(path, stored, object));
    const autonamed = annotation(object, "autonamed") === "true";
    return { changes, replaces, deleteBeforeReplace: replaces.length > 0 && !autonamed };
  }

  private replaces(path: string, stored: Stored, object: KubeObject): boolean {
    const { namespace } = partsOf(stored.id);
    if (path === "metadata.namespace") {
      return (
        namespace !== undefined && namespace !== (object.metadata.namespace ?? this.settings.namespace ?? namespace)
      );
    }
    if (isPatch(stored, object.kind)) return path === "metadata.name";
    return needsReplacement(path, object, this.settings.mutableKinds);
  }

  /** A preview does not ask the cluster, which may not be there yet. */
  async create(subject: Subject, inputs: Props, preview: boolean, limits: Limits) {
    if (preview) return { id: "", state: inputs };
    const object = objectOf(inputs);
    const manager = managerOf(subject, {});
    const how = this.applying(object, manager);
    const { api } = this.cluster();
    const upsert = this.settings.upsertExistingObjects;
    const patching = isPatch(subject, object.kind);
    const { live, place } = await untilFound(limits.cancelled, this.status(subject), async () => {
      const place = await this.place(object);
      const live = await (patching ? patch(api, place, object, how) : make(api, place, object, how, upsert));
      return { live, place };
    });
    const id = idOf((live as KubeObject).metadata.name!, place.namespace);
    return { id, state: await this.settled(subject, id, place, live, inputs, limits, manager) };
  }

  /** The live object. Of the inputs only what was asked for is read back, so that a refresh shows drift alone. */
  async read(stored: Stored) {
    const asked = objectOf(Object.keys(stored.inputs).length > 0 ? stored.inputs : identityOf(stored));
    const live = await this.place(asked, stored.id).then(this.cluster().api.find).catch(missing);
    if (live === undefined) return undefined;
    const { stringData } = asked; // the API takes it and never gives it back
    const inputs = keepSecrets({ ...(project(live, asked) as Props), stringData }, stored.inputs) as Props;
    return { inputs, state: stateOf(live, inputs, managerOf(stored, stored.state)) };
  }

  async update(stored: Stored, news: Props, preview: boolean, limits: Limits) {
    if (preview) return { ...stored.state, ...news };
    const object = objectOf(news);
    const manager = managerOf(stored, stored.state);
    const place = await this.place(object, stored.id);
    const put = isPatch(stored, object.kind) ? patch : apply;
    const live = await put(this.cluster().api, place, object, this.applying(object, manager));
    return this.settled(stored, stored.id, place, live, news, limits, manager);
  }

  async delete(stored: Stored, limits: Limits) {
    const object = objectOf(Object.keys(stored.inputs).length > 0 ? stored.inputs : stored.state);
    const place = await this.place(object, stored.id).catch(missing);
    if (place === undefined) return;
    const manager = managerOf(stored, stored.state);
    const { api } = this.cluster();
    if (isPatch(stored, object.kind)) await relinquish(api, place, object, { manager, force: false });
    else await remove(api, place, object, seconds(object, limits), limits.cancelled);
  }

  private cluster(): Connected {
    if (this.connected === undefined) {
      const cluster = readKubeconfig(this.settings.kubeconfig, this.settings.context);
      this.connected = { api: new Api(cluster), namespace: this.settings.namespace ?? cluster.namespace };
    }
    return this.connected;
  }

  private place({ apiVersion, kind, metadata }: KubeObject, id?: string): Promise<Place> {
    const { api, namespace } = this.cluster();
    const known: { name?: string; namespace?: string } = id === undefined ? metadata : partsOf(id);
    return api.place(apiVersion, kind, known.name ?? "", known.namespace ?? namespace);
  }

  private applying(object: KubeObject, manager: string): Applying {
    return { manager, force: this.settings.enablePatchForce || annotation(object, "patchForce") === "true" };
  }

  /** The state once the object is ready; one that does not get ready is recorded all the same. */
  private async settled(
    subject: Subject,
    id: string,
    place: Place,
    applied: Props,
    inputs: Props,
    limits: Limits,
    manager: string,
  ) {
    const object = objectOf(inputs);
    const { api } = this.cluster();
    const { live, reasons } = await rollout(
      api,
      place,
      applied,
      seconds(object, limits),
      limits.cancelled,
      this.status(subject),
    );
    const state = stateOf(live, inputs, manager);
    if (reasons.length > 0) throw new NotReady(id, inputs, state, reasons);
    return state;
  }

  private status =
    ({ urn }: Subject) =>
    (why: string): void =>
      void this.log(urn, why, "status");
}

interface Connected {
  api: Api;
  namespace: string;
}

/** How long to wait: customTimeouts, else the annotation, else ten minutes. */
const seconds = (object: KubeObject, { timeout }: Limits): number =>
  timeout || Number(annotation(object, "timeoutSeconds") ?? 600);

const missing = (error: unknown): undefined => {
  if (!isMissing(error)) throw error;
};
