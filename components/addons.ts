import { readFileSync } from "node:fs";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { objectName, type PlannedObject } from "../addons/objects";
import { GROUPS, groupOf, waitsFor } from "../addons/order";
import type { ControlPlane } from "./control-plane";
import type { KindCluster } from "./kind";

/** Arguments of {@link Addons}. */
export interface AddonsArgs {
  /** Name of the cluster; a new kubeconfig for the same name replaces nothing. */
  clusterName: string;
  cluster: ControlPlane | KindCluster;
  /** What to create; addons/order.ts says what waits for what. */
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
    // with the cluster go its objects
    const common = { parent: this, provider, deletedWith: args.cluster.init };
    const made = new Map<number, pulumi.Resource>();
    const waits = waitsFor(args.objects);
    const make = (index: number): pulumi.Resource => {
      const known = made.get(index);
      if (known !== undefined) return known;
      const planned = args.objects[index]!;
      const dependsOn = waits[index]!.map(make);
      const resource = create(`${name}-${objectName(planned.object)}`, planned, { ...common, dependsOn });
      made.set(index, resource);
      return resource;
    };
    for (const index of args.objects.keys()) make(index);
    this.registerOutputs({});
  }
}

type ResourceClass = new (name: string, args: object, options: pulumi.CustomResourceOptions) => pulumi.CustomResource;
type Group = { readonly [version: string]: { readonly [kind: string]: ResourceClass } | undefined };

/** The SDK's class of an object of Kubernetes itself, which carries the type name that the provider knows; else that of any object. */
function create(name: string, { object, mode, files }: PlannedObject, options: pulumi.CustomResourceOptions) {
  const { apiextensions } = kubernetes;
  const group = GROUPS[groupOf(object.apiVersion)];
  const version = object.apiVersion.split("/").at(-1)!;
  const suffix = mode === "patch" ? "Patch" : "";
  const sdk = kubernetes as unknown as { readonly [group: string]: Group };
  const Any = (mode === "patch" ? apiextensions.CustomResourcePatch : apiextensions.CustomResource) as ResourceClass;
  const Class = group === undefined ? Any : sdk[group]?.[version]?.[`${object.kind}${suffix}`];
  if (Class === undefined) throw new Error(`the Pulumi provider has no ${object.apiVersion} ${object.kind}`);
  return new Class(
    name,
    files === undefined ? object : { ...object, stringData: pulumi.secret(contents(files)) },
    options,
  );
}

function contents(files: { readonly [key: string]: string }): { [key: string]: string } {
  return Object.fromEntries(Object.entries(files).map(([key, file]) => [key, readFileSync(file, "utf8")]));
}
