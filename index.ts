/** The Pulumi program: a stack's spec is `stacks/<name of the stack>.yaml`, or the file that its configuration names as `spec`. */
import * as pulumi from "@pulumi/pulumi";
import { Cluster, loadSpec, mistake, refuseChanges, SpecError } from "./components";
import { readPrivateKey } from "./live/private-key";

function load() {
  try {
    const { spec, warnings } = loadSpec(new pulumi.Config().get("spec") ?? `stacks/${pulumi.getStack()}.yaml`);
    for (const { path, message } of warnings) void pulumi.log.warn(`${path}: ${message}`);
    return spec;
  } catch (error) {
    throw error instanceof SpecError ? mistake(error.message) : error;
  }
}

/** The configuration's secret first, then the file that the spec names; with neither, the SSH agent. */
function findPrivateKey(file: string | undefined): pulumi.Output<string> | undefined {
  const configured = new pulumi.Config().getSecret("sshPrivateKey");
  if (configured !== undefined || file === undefined) return configured;
  try {
    return pulumi.secret(readPrivateKey(file));
  } catch (error) {
    throw mistake((error as Error).message);
  }
}

// the SDK takes a stack for every resource and every promise, and ts-node looks each up in the sources: with hundreds of hosts that
// takes longer than the program itself
Reflect.deleteProperty(Error, "prepareStackTrace");

export = async () => {
  const spec = load();
  const privateKey = findPrivateKey(spec.ssh.identityFile);
  const running = await refuseChanges(spec);
  const login = privateKey && { privateKey };
  const { kubeconfig, endpoint, applied } = new Cluster(spec.name, { spec, running, ...login });
  return { kubeconfig, endpoint, applied };
};
