/** What is done to objects in the cluster: made, changed, given back, taken away. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Props } from "../engine/wire";
import { type Api, ApiError, isMissing, type Place } from "./api";
import { annotation, type KubeObject } from "./objects";

export interface Applying {
  manager: string;
  force: boolean;
}

/** Makes an object that must not be there yet, unless `upsert` says that it may. */
export async function make(api: Api, place: Place, object: KubeObject, how: Applying, upsert: boolean): Promise<Props> {
  if (!upsert && (await api.find(place)) !== undefined) {
    const way =
      "take it over with `pulumi import`, change fields of it with a Patch resource, or set upsertExistingObjects";
    throw new ApiError(409, "AlreadyExists", `${place.title}: already exists: ${way} on the provider`);
  }
  return apply(api, place, object, how);
}

/** Changes the given fields of an object that must be there; its uid keeps the apply from making a new one. */
export async function patch(api: Api, place: Place, object: KubeObject, how: Applying): Promise<Props> {
  const live = await api.find(place);
  if (live === undefined) {
    const rule = "a Patch changes fields of an existing object and never makes one";
    throw new Error(`${place.title}: there is no such object: ${rule}`);
  }
  return apply(api, place, bound(object, live), how);
}

/** Gives the fields of a patch back: an empty set is applied. The object stays. */
export async function relinquish(api: Api, place: Place, { apiVersion, kind, metadata }: KubeObject, how: Applying) {
  const live = await api.find(place);
  if (live === undefined) return;
  const { name } = metadata;
  await apply(api, place, bound({ apiVersion, kind, metadata: { name: name! } }, live), how);
}

const bound = (object: KubeObject, live: Props): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid: (live as KubeObject).metadata.uid },
});

/** Applies the object as it is given, in the namespace of its place. */
export async function apply(api: Api, place: Place, object: KubeObject, { manager, force }: Applying): Promise<Props> {
  const namespace = place.namespace === undefined ? {} : { namespace: place.namespace };
  const placed = { ...object, metadata: { ...object.metadata, ...namespace } };
  try {
    return await api.apply(place, placed, manager, force);
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== "Conflict") throw error;
    const way = 'change the other manager, or annotate with pulumi.com/patchForce: "true" to take the fields over';
    throw new ApiError(409, "Conflict", `${error.message}; applied as field manager ${manager}: ${way}`);
  }
}

/** Deletes an object and waits until it is gone, or until one of its name is another. */
export async function remove(api: Api, place: Place, object: KubeObject, seconds: number, cancelled: AbortSignal) {
  const uid = (await api.find(place).then((live) => live as KubeObject | undefined))?.metadata.uid;
  if (uid === undefined) return;
  const policy = annotation(object, "deletionPropagationPolicy") ?? "foreground";
  await api.delete(place, policy.charAt(0).toUpperCase() + policy.slice(1)).catch((error) => {
    if (!isMissing(error)) throw error;
  });
  for (const end = Date.now() + seconds * 1000; ; await sleep(250)) {
    const live = (await api.find(place)) as KubeObject | undefined;
    if (live === undefined || live.metadata.uid !== uid) return;
    if (Date.now() > end || cancelled.aborted) {
      const finalizers = JSON.stringify(live.metadata.finalizers ?? []);
      throw new Error(`${place.title}: not gone after ${seconds} s; finalizers: ${finalizers}`);
    }
  }
}

/** Tries again while something that the object needs (its namespace, its kind) is missing. */
export async function untilFound<T>(
  cancelled: AbortSignal,
  log: (why: string) => void,
  act: () => Promise<T>,
): Promise<T> {
  for (let pause = 1; ; pause *= 2) {
    try {
      return await act();
    } catch (error) {
      if (!isMissing(error) || pause > 16 || cancelled.aborted) throw error;
      log(`trying again in ${pause} s: ${(error as Error).message}`);
      await sleep(pause * 1000);
    }
  }
}
