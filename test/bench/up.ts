/**
 * `npm run bench`: `pulumi up` on prepared lab hosts (network, runtime and programs are there) against the same kubeadm
 * steps by hand, on the same hosts in the same run, in turns. Prints seconds and their ratio; needs a lab that is up.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { print } from "../../hosts/document";
import { toYaml } from "../../hosts/serialize";
import { Connection } from "../../live/ssh";
import { planCluster } from "../../plan/plan";
import type { Host } from "../../spec";
import { labEnvironment, labSpec, privateKey, pulumi, run } from "../lab/harness";

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const spec = labSpec();
const plan = planCluster(spec);
const [plane, ...workers] = plan.hosts.map(({ host }) => host) as [Host, ...Host[]];
const RESOLV_CONF = "/etc/dualstack/resolv.conf";
const kubectl = "kubectl --kubeconfig /etc/kubernetes/admin.conf";

/** The script of somebody who knows what to do: one shell over ssh per host, workers at once. */
function byHand(folder: string): string {
  const ssh = `ssh -o BatchMode=yes -o UserKnownHostsFile=.lab/lab/known_hosts -i ${spec.ssh.identityFile}`;
  const to = (host: Host) => `${ssh} root@${host.ssh.address}`;
  writeFileSync(
    join(folder, "flannel.yaml"),
    toYaml(...plan.objects.filter(({ mode }) => mode === "create").map(({ object }) => object)),
  );
  const config = (host: Host, name: string) => {
    const step = plan.hosts.find((each) => each.host === host)!.kubernetes;
    const read = host === plane ? /\/(kubeadm|kubelet|kube-proxy)\.yaml$/ : /\/kubeadm\.yaml$/;
    const documents = step.files.filter(({ path }) => read.test(path));
    writeFileSync(join(folder, name), documents.map(({ text }) => text).join("---\n"));
  };
  config(plane, "init.yaml");
  // kubelet's configuration names it, so every host needs it first
  const servers = plan.hosts[0]!.kubernetes.files.find(({ path }) => path === RESOLV_CONF)?.text ?? "";
  writeFileSync(join(folder, "resolv.conf"), servers);
  const resolv = [plane, ...workers].map(
    (host) => `${to(host)} 'mkdir -p /etc/dualstack && cat > ${RESOLV_CONF}' < ${folder}/resolv.conf`,
  );
  const joins = workers.map((host, index) => {
    config(host, `join-${index}.yaml`);
    const discovery = `sed 's#file:#bootstrapToken: {token: "'$token'", apiServerEndpoint: "${plan.endpoint}", caCertHashes: ["'$hash'"]}#;/kubeConfigPath/d' ${folder}/join-${index}.yaml`;
    return `(${discovery} | ${to(host)} 'cat > /run/join.yaml && kubeadm join --config /run/join.yaml' >> ${folder}/log 2>&1) & pids="$pids $!"`;
  });
  return [
    "set -euo pipefail",
    ...resolv,
    `${to(plane)} 'cat > /run/init.yaml && kubeadm init --config /run/init.yaml' < ${folder}/init.yaml > ${folder}/log 2>&1`,
    `${to(plane)} '${kubectl} apply --server-side -f -' < ${folder}/flannel.yaml >> ${folder}/log 2>&1`,
    `token=$(${to(plane)} 'kubeadm token create --ttl 15m')`,
    `hash=sha256:$(${to(plane)} "openssl x509 -pubkey -in /etc/kubernetes/pki/ca.crt | openssl pkey -pubin -outform der | sha256sum | cut -d' ' -f1")`,
    'pids=""',
    ...joins,
    'for pid in $pids; do wait "$pid"; done',
    `${to(plane)} '${kubectl} -n kube-flannel rollout status daemonset kube-flannel-ds' >> ${folder}/log 2>&1`,
    `${to(plane)} '${kubectl} -n kube-system patch service kube-dns --type merge -p "{\\"spec\\":{\\"ipFamilyPolicy\\":\\"RequireDualStack\\"}}"' >> ${folder}/log 2>&1`,
  ].join("\n");
}

/** Takes Kubernetes off a host with the product's own way back; the rest of the host stays prepared. */
async function reset(host: Host): Promise<void> {
  const connection = await Connection.open(host.ssh, { privateKey: privateKey() });
  const step = plan.hosts.find((each) => each.host === host)!.kubernetes;
  await connection.run([
    "bash",
    "-c",
    `rm -f ${RESOLV_CONF}; mkdir -p /var/lib/dualstack/kubernetes && touch /var/lib/dualstack/kubernetes/started`,
  ]);
  const { code, stderr } = await connection.run(["bash", "-s", "remove"], print(step));
  connection.close();
  if (code !== 0) throw new Error(stderr);
}

const urn = (type: string) => `**${type}**`;

/** Takes the cluster out of the hosts and out of the state. */
async function destroyCluster(): Promise<void> {
  const { code, output } = await pulumi(
    "destroy",
    "--yes",
    "--skip-preview",
    "--target",
    urn("cp-1-kubernetes"),
    "--target-dependents",
  );
  if (code !== 0) throw new Error(output);
}

async function timed(what: string, work: () => Promise<{ code: number; output: string }>): Promise<number> {
  const started = performance.now();
  const { code, output } = await work();
  if (code !== 0) throw new Error(`${what}: ${output}`);
  return (performance.now() - started) / 1000;
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "dualstack-bench-"));
  const env = await labEnvironment();
  const hand: number[] = [];
  const up: number[] = [];
  const proof: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    await destroyCluster();
    hand.push(
      await timed("by hand", () =>
        run(["bash", "-c", byHand(folder)], env).then((ended) => ({
          ...ended,
          output: ended.output + readFileSync(join(folder, "log"), "utf8"),
        })),
      ),
    );
    await Promise.all([plane, ...workers].map(reset));
    up.push(
      await timed("pulumi up", () =>
        pulumi("up", "--yes", "--skip-preview", "--parallel", "64", "--exclude", urn("dualstack:index:Verification")),
      ),
    );
    proof.push(await timed("the proof", () => pulumi("up", "--yes", "--skip-preview", "--parallel", "64")));
    const [h, u, p] = [hand.at(-1)!, up.at(-1)!, proof.at(-1)!];
    process.stdout.write(
      `round ${round}: by hand ${h.toFixed(1)} s, pulumi up ${u.toFixed(1)} s (ratio ${(u / h).toFixed(2)}), the proof after it ${p.toFixed(1)} s\n`,
    );
  }
  rmSync(folder, { recursive: true });
  process.stdout.write(
    `median: by hand ${median(hand).toFixed(1)} s, pulumi up ${median(up).toFixed(1)} s, ratio ${(median(up) / median(hand)).toFixed(2)}\n`,
  );
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
