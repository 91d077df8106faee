// A cluster in a Pulumi program of your own: compose it with whatever else the program makes.
import * as pulumi from "@pulumi/pulumi";
import { Cluster, loadSpec, refuseChanges } from "dualstack";

export = async () => {
  const { spec } = loadSpec("cluster.yaml");
  const config = new pulumi.Config();

  // compares with the outputs of the last run: a change that a running cluster cannot take ends here
  const running = await refuseChanges(spec);
  const cluster = new Cluster(spec.name, { spec, running, privateKey: config.requireSecret("sshPrivateKey") });

  return { kubeconfig: cluster.kubeconfig, endpoint: cluster.endpoint, applied: cluster.applied };
};
