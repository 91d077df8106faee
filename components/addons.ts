import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectName, type PlannedObject } from "../addons/objects";
import type { ControlPlane } from "./control-plane";

/** Arguments of {@link Addons}. */
export interface AddonsArgs {
  /** Name of the cluster; a new kubeconfig for the same name replaces nothing. */
  clusterName: string;
  cluster: ControlPlane;
  /** What to create, in this order. */
  objects: readonly PlannedObject[];
}

/** The objects in the cluster: the CNI, and the fields that we set on what kubeadm made. */
export class Addons extends pulumi.ComponentResource {
  constructor(name: string, args: AddonsArgs, options?: pulumi.ComponentResourceOptions) {
    super("dualstack:index:Addons", name, {}, options);
    const provider = new kubernetes.Provider(
      name,
      {
        kubeconfig: args.cluster.kubeconfig,
        clusterIdentifier: args.clusterName,
        // a run that was cut off may have created what the state does not know
        upsertExistingObjects: true,
        // a changed ConfigMap keeps its name; the pods that read it carry its digest
        enableConfigMapMutable: true,
      },
      { parent: this },
    );
    let before: pulumi.Resource[] = [];
    for (const planned of args.objects) {
      const resource = create(`${name}-${objectName(planned.object)}`, planned, {
        parent: this,
        provider,
        dependsOn: before,
        // with the cluster go its objects
        deletedWith: args.cluster.init,
      });
      before = [resource];
    }
    this.registerOutputs({});
  }
}

type ResourceClass = new (name: string, args: object, options: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/** The SDK's groups by apiVersion: their classes carry the type names that the provider knows. */
const GROUPS: { readonly [apiVersion: string]: object } = {
  v1: kubernetes.core.v1,
  "apps/v1": kubernetes.apps.v1,
  "rbac.authorization.k8s.io/v1": kubernetes.rbac.v1,
};

function create(name: string, { object, mode }: PlannedObject, options: pulumi.CustomResourceOptions) {
  const group = GROUPS[object.apiVersion] as { readonly [kind: string]: ResourceClass } | undefined;
  const Class = group?.[mode === "patch" ? `${object.kind}Patch` : object.kind];
  if (Class === undefined)
    throw new Error(`no resource class for ${object.apiVersion} ${object.kind}: add its group to GROUPS`);
  return new Class(name, object, options);
}
