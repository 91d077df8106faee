/** The provider's own settings; booleans arrive as booleans, as strings, or as JSON in a string. */
import { isDeepStrictEqual } from "node:util";
import { differences } from "../engine/diff";
import type { Difference } from "../engine/plugin";
import { isUnknown, type Props, revealProps } from "../engine/wire";
import { activeCluster } from "./kubeconfig";

export interface Settings {
  kubeconfig: unknown;
  context: string | undefined;
  namespace: string | undefined;
  upsertExistingObjects: boolean;
  enablePatchForce: boolean;
  /** Kinds whose data may change in place. */
  mutableKinds: string[];
}

const isTrue = (value: unknown): boolean => value === true || value === "true" || value === '"true"';

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

export function readSettings(args: Props): Settings {
  const given = revealProps(args);
  if (given.enableServerSideApply !== undefined && !isTrue(given.enableServerSideApply)) {
    throw new Error("enableServerSideApply: this double knows server-side apply only; leave it out or set it to true");
  }
  return {
    kubeconfig: given.kubeconfig,
    context: text(given.context),
    namespace: text(given.namespace),
    upsertExistingObjects: isTrue(given.upsertExistingObjects),
    enablePatchForce: isTrue(given.enablePatchForce),
    mutableKinds: [
      ...(isTrue(given.enableConfigMapMutable) ? ["ConfigMap"] : []),
      ...(isTrue(given.enableSecretMutable) ? ["Secret"] : []),
    ],
  };
}

/** Another cluster means that everything is made anew. An equal clusterIdentifier says that it is the same one. */
export function compareSettings(olds: Props, news: Props): Difference {
  const changes = differences(olds, news);
  const [was, is] = [olds.clusterIdentifier, news.clusterIdentifier];
  if (is !== undefined && was === is) return { changes, replaces: [] };
  if (is !== undefined && was !== undefined) return { changes, replaces: ["clusterIdentifier"] };
  const replaces = changes.map(({ path }) => path).filter((path) => path === "kubeconfig" || path === "context");
  if (isUnknown(news.kubeconfig)) return { changes, replaces };
  const clusters = [olds, news].map(({ kubeconfig, context }) => activeCluster(kubeconfig, text(context)));
  const moved = clusters.every((cluster) => cluster !== undefined) && !isDeepStrictEqual(clusters[0], clusters[1]);
  return { changes, replaces: moved ? replaces : [] };
}
