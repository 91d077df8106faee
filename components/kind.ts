import { readFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { kindDigest } from "../hosts/kind";
import { prepareKind } from "../live/kind";
import type { ClusterSpec, Kind } from "../spec/types";

/** Arguments of {@link KindCluster}. */
export interface KindClusterArgs {
  spec: ClusterSpec;
  kind: Kind;
  /** kind's file. */
  config: string;
}

/** A cluster that `kind` makes of containers on this machine. kind changes nothing of a cluster, so another file is refused. */
export class KindCluster extends pulumi.ComponentResource {
  /** The command that made the cluster; what lives in the cluster is deleted with it. */
  readonly init: local.Command;
  /** Administrator's kubeconfig; secret. */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, { spec, kind, config }: KindClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("dualstack:index:KindCluster", name, {}, options);
    const prepare = () => prepareKind(spec, kind);
    const environment = {
      CLUSTER: spec.name,
      DIGEST: kindDigest(config),
      KIND_EXPERIMENTAL_DOCKER_NETWORK: kind.network.name,
    };
    this.init = new local.Command(
      `${name}-kind`,
      {
        create: script("kind-create"),
        delete: script("kind-delete"),
        stdin: config,
        environment,
        logging: local.Logging.Stderr,
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        additionalSecretOutputs: ["stdout"],
        hooks: { beforeCreate: [prepare], beforeUpdate: [prepare] },
      },
    );
    this.kubeconfig = pulumi.secret(this.init.stdout);
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}

function script(name: string): string {
  return readFileSync(join(__dirname, "../hosts/scripts", `${name}.sh`), "utf8");
}
