import { AsyncResource } from "node:async_hooks";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { serviceChange } from "../addons/services/change";
import {
  familyFields,
  type Policy,
  type ServiceRequest,
  type ServiceShape,
  type ServiceType,
  serviceShape,
} from "../addons/services/families";
import type { Family } from "../spec/families";

type Spec = kubernetes.types.input.core.v1.ServiceSpec;

/** Arguments of {@link DualStackService}. What decides its families is plain, so that a preview knows it. */
export interface DualStackServiceArgs {
  /** Families of the cluster, primary first: `spec.network.families` of a loaded spec. */
  cluster: readonly Family[];
  /** Needs a name: other programs know the Service by it. */
  metadata: kubernetes.types.input.meta.v1.ObjectMeta & { name: string };
  type?: ServiceType;
  /** No address of its own: DNS answers with those of the pods. */
  headless?: boolean;
  /** Which pods; without it somebody else writes the EndpointSlices. */
  selector?: { readonly [label: string]: string };
  /** PreferDualStack without it: every family that the cluster has. */
  policy?: Policy;
  /** In this order; without it the cluster's. The first one is that of the Service's own address for good. */
  families?: readonly Family[];
  ports?: Spec["ports"];
  /** For type ExternalName. */
  externalName?: Spec["externalName"];
  /** The rest of the Service, such as `externalTrafficPolicy: "Local"`. */
  more?: Omit<
    Spec,
    "type" | "clusterIP" | "clusterIPs" | "ipFamilies" | "ipFamilyPolicy" | "selector" | "ports" | "externalName"
  >;
}

/**
 * A Service on the families that it asks for. A change that the API makes in place is made in place; one that it refuses
 * (another first family, headless or not) is a new Service in the old one's place. A preview says which, and why.
 * Throws ServiceError for what no API server takes.
 */
export class DualStackService extends pulumi.ComponentResource {
  readonly service: kubernetes.core.v1.Service;
  /** The addresses in the order of the families; `None` when headless, empty for ExternalName. */
  readonly clusterIPs: pulumi.Output<string[]>;

  constructor(name: string, args: DualStackServiceArgs, options?: pulumi.ComponentResourceOptions) {
    const shape = serviceShape(args.cluster, request(args));
    const hook = new pulumi.ResourceHook(`${name}-families`, explain(args.metadata.name, shape), { onDryRun: true });
    const hooks = { beforeUpdate: [hook] };
    super("dualstack:index:DualStackService", name, { shape }, pulumi.mergeOptions(options, { hooks }));
    const { metadata, selector, ports, externalName, more } = args;
    const given = { selector, ports, externalName };
    const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    this.service = new kubernetes.core.v1.Service(
      name,
      { metadata, spec: { ...more, ...fields, ...familyFields(shape) } as Spec },
      {
        parent: this,
        // without addresses of its own there is nothing that could not change
        replaceOnChanges: shape.headless ? [] : ["spec.ipFamilies[0]"],
        // both would have the same name
        deleteBeforeReplace: true,
      },
    );
    this.clusterIPs = this.service.spec.apply((spec) => spec?.clusterIPs ?? []);
    this.registerOutputs({ clusterIPs: this.clusterIPs });
  }
}

function request({ type, headless, selector, policy, families }: DualStackServiceArgs): ServiceRequest {
  const given = { type, headless, selector, policy, families };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as ServiceRequest;
}

/** Says in previews and updates what the change of a Service means; old inputs are those of the component. */
function explain(service: string, shape: ServiceShape): pulumi.ResourceHookFunction {
  // an inline program of the Automation API has its engine in the context in which it runs, and hooks are called from outside
  return AsyncResource.bind(async ({ oldInputs }: pulumi.ResourceHookArgs) => {
    const old = (oldInputs as { shape?: ServiceShape } | undefined)?.shape;
    if (old === undefined) return;
    const { outcome, why } = serviceChange(old, shape);
    if (outcome === "in-place") await pulumi.log.info(`Service ${service}: changed in place: ${why}`);
    if (outcome === "replace") {
      const loss = "it is away until the new one is there, and has other addresses then";
      await pulumi.log.warn(`Service ${service}: a new Service takes its place: ${why}; ${loss}`);
    }
  });
}
