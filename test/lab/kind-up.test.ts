/** A cluster in kind by the product's own program: refused while Docker is not ready, made, proven, unchanged, deleted. */
import { join } from "node:path";
import { loadSpec } from "../../spec";
import { nodesOf } from "../../spec/nodes";
import { dualstack, type Ended, LONG, ROOT, run } from "./harness";

const FILE = join(ROOT, "stacks/kind.yaml");
const { spec } = loadSpec(FILE);
const network = spec.kind!.network;

let env: NodeJS.ProcessEnv;
const whole = ({ code, output }: Ended) => expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
const docker = async (...args: string[]) => {
  const { code, output } = await run(["docker", ...args], env);
  if (code !== 0) throw new Error(output);
  return output.trim().split("\n");
};
const containers = () => docker("ps", "--all", "--format", "{{.Names}}");
const up = () => dualstack("lab", "up", FILE);
const names = nodesOf(spec).map(({ name }) => name);

beforeAll(async () => {
  whole(await dualstack("lab", "up", "--hosts-only", FILE));
  const { output } = await dualstack("lab", "env", FILE);
  const pairs = [...output.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, key = "", value = ""]) => [key, value]);
  env = { ...process.env, ...Object.fromEntries(pairs) };
}, LONG);

afterAll(() => dualstack("lab", "down", FILE), LONG);

test(
  "a network of one family is refused before kind is asked",
  async () => {
    await docker("network", "create", "--subnet", String(network.ipv4), network.name);
    const { code, output } = await up();
    expect(code).toBe(1);
    expect(output).toContain(
      `Docker's network ${network.name} has no IPv6, and kind would use it as it is: delete the clusters in it ('kind get clusters', 'kind delete cluster --name ...'), then 'docker network rm ${network.name}'`,
    );
    for (const name of names) expect(await containers()).not.toContain(name);
    await docker("network", "rm", network.name);
  },
  LONG,
);

test(
  "comes up with every check passed in both families",
  async () => {
    const { code, output } = await up();
    expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
    // by the run itself, and behind it by `dualstack verify`
    const [byRun, byCommand] = output.split("Duration: ");
    for (const text of [byRun, byCommand]) expect(text).toMatch(/(\d+) of \1 checks passed \(ipv4 and ipv6\)/);
    for (const name of names) {
      expect(await containers()).toContain(name);
      const [configuration = ""] = await docker("exec", name, "cat", "/var/lib/kubelet/kubeadm-flags.env");
      expect(configuration).toMatch(/--node-ip=172\.30\.31\.\d+,fd5d:a57a:c401:101::\w+/);
    }
  },
  LONG,
);

test(
  "changes nothing when run again",
  async () => {
    const { code, output } = await up();
    expect(code).toBe(0);
    expect(output).toMatch(/Resources:\s+\d+ unchanged\s+Duration/);
  },
  LONG,
);

test("the command that runs kind refuses another file for a cluster that is there", async () => {
  const script = join(ROOT, "hosts/scripts/kind-create.sh");
  const told = { CLUSTER: spec.name, DIGEST: "of-another-file", KIND_EXPERIMENTAL_DOCKER_NETWORK: network.name };
  const { code, output } = await run(["sh", script], { ...env, ...told });
  expect([code, output.trim()]).toEqual([
    1,
    `dualstack: error: kind changes nothing of a cluster that it has made, and ${spec.name} was made from another file; 'pulumi destroy', then 'pulumi up' makes it anew`,
  ]);
});

test(
  "destroy deletes the nodes and the network",
  async () => {
    whole(await run(["pulumi", "destroy", "--yes", "--skip-preview", "--stack", spec.name, "--non-interactive"], env));
    for (const name of names) expect(await containers()).not.toContain(name);
    expect(await docker("network", "ls", "--format", "{{.Name}}")).not.toContain(network.name);
  },
  LONG,
);
