/** The Pulumi program: the stack's name is the name of its spec, `stacks/<name>.yaml`. */
import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { Cluster, loadSpec, SpecError } from "./components";

function load() {
  try {
    const { spec, warnings } = loadSpec(`stacks/${pulumi.getStack()}.yaml`);
    for (const { path, message } of warnings) void pulumi.log.warn(`${path}: ${message}`);
    return spec;
  } catch (error) {
    throw error instanceof SpecError ? new pulumi.RunError(error.message) : error;
  }
}

/** The configuration's secret first, then the file that the spec names; with neither, the SSH agent. */
function findPrivateKey(file: string | undefined): pulumi.Output<string> | undefined {
  const configured = new pulumi.Config().getSecret("sshPrivateKey");
  if (configured !== undefined || file === undefined) return configured;
  if (!existsSync(file))
    throw new pulumi.RunError(
      `ssh.identityFile: there is no file ${file}; name your private key, or take the line out and use an SSH agent`,
    );
  return pulumi.secret(readFileSync(file, "utf8"));
}

const spec = load();
const privateKey = findPrivateKey(spec.ssh.identityFile);
const cluster = new Cluster(spec.name, { spec, ...(privateKey && { privateKey }) });

export const kubeconfig = cluster.kubeconfig;
export const endpoint = cluster.endpoint;
