// A cluster in a Pulumi program of your own: compose it with whatever else the program makes.
import * as pulumi from "@pulumi/pulumi";
import { Cluster, loadSpec } from "dualstack";

const { spec } = loadSpec("cluster.yaml");
const config = new pulumi.Config();

const cluster = new Cluster(spec.name, { spec, privateKey: config.requireSecret("sshPrivateKey") });

export const kubeconfig = cluster.kubeconfig;
export const endpoint = cluster.endpoint;
