/** How each kind of check is answered on a live cluster: one short function a kind, one try each. */
import type { Check } from "../plan/checks";
import { PROBE } from "../plan/checks";
import { Address, Cidr, hostPort } from "../spec/addresses";
import { readyApi } from "./api";
import type { Kubernetes, V1Pod } from "./kubernetes";
import type { Connection } from "./ssh";
import { byPool, throughIngress } from "./way-in";

export interface Answer {
  readonly ok: boolean;
  readonly expected: string;
  readonly found: string;
  /** Time of the connection alone, when the tool measured it. */
  readonly milliseconds?: number;
}

/** What the answers need: the cluster, the probes on it, and the host outside (else this machine). */
export interface Scene {
  readonly cluster: Kubernetes;
  /** Certificate (PEM) of the cluster's CA. */
  readonly authority: string;
  readonly outside: Connection | undefined;
}

type Answers = { readonly [K in Check["kind"]]: (scene: Scene, check: Extract<Check, { kind: K }>) => Promise<Answer> };

const ANSWERS: Answers = {
  "node-ready": async ({ cluster }, { node, kubelet }) => {
    const { conditions = [], nodeInfo } = (await nodeOf(cluster, node)).status ?? {};
    const ready = conditions.find(({ type }) => type === "Ready");
    const release = kubelet === undefined ? "" : ` ${nodeInfo?.kubeletVersion}`;
    const expected = kubelet === undefined ? "Ready" : `Ready ${kubelet}`;
    return equal(expected, ready?.status === "True" ? `Ready${release}` : `${ready?.reason}: ${ready?.message}`);
  },

  "node-addresses": async ({ cluster }, { node, addresses }) => {
    const all = (await nodeOf(cluster, node)).status?.addresses ?? [];
    const found = all.filter(({ type }) => type === "InternalIP").map(({ address }) => address);
    return equal(addresses.join(", "), found.join(", ") || "no InternalIP");
  },

  "node-pod-range": async ({ cluster }, { node, family, range, prefix }) => {
    const texts = (await nodeOf(cluster, node)).spec?.podCIDRs ?? [];
    const found = texts.map((text) => Cidr.parse(text)).find((each) => each.family === family);
    return {
      ok: found !== undefined && found.prefix === prefix && range.contains(found),
      expected: `a /${prefix} of ${range}`,
      found: texts.join(", ") || "no podCIDR",
    };
  },

  "pod-addresses": async ({ cluster }, { node, ranges }) => {
    const { status } = await probeOn(cluster, node);
    const found = (status?.podIPs ?? []).map(({ ip }) => Address.parse(ip ?? ""));
    return {
      ok: found.length === ranges.length && ranges.every((range, index) => range.contains(found[index]!)),
      expected: `one address of each of ${ranges.join(", ")}, in this order`,
      found: found.join(", ") || "no address",
    };
  },

  "pod-to-pod": async ({ cluster }, { from, to, family }) => {
    const target = await probeOn(cluster, to);
    const address = (target.status?.podIPs ?? [])
      .map(({ ip }) => Address.parse(ip ?? ""))
      .find((ip) => ip.family === family);
    const expected = `the answer of ${target.metadata?.name}`;
    if (address === undefined)
      return { ok: false, expected, found: `pod ${target.metadata?.name} has no ${family} address` };
    const answer = await fetchFromPod(cluster, from, [`http://${hostPort(address, PROBE.port)}/`]);
    return { ...answer, ok: answer.name === target.metadata?.name, expected };
  },

  "service-ip": async ({ cluster }, { from, family, range }) => {
    const { spec } = await cluster.service(PROBE.namespace, PROBE.name);
    const address = (spec?.clusterIPs ?? []).map((ip) => Address.parse(ip)).find((ip) => ip.family === family);
    if (address === undefined || !range.contains(address)) {
      return { ok: false, expected: `a ClusterIP in ${range}`, found: `${spec?.clusterIPs}` };
    }
    return probeAnswer(await fetchFromPod(cluster, from, [`http://${hostPort(address, 80)}/`]));
  },

  "service-dns": async ({ cluster }, { from, family, host }) => {
    const version = family === "ipv4" ? "-4" : "-6";
    return probeAnswer(await fetchFromPod(cluster, from, [version, `http://${host}/`]));
  },

  "node-dns": async ({ cluster }, { from, server, name, answer }) => {
    const probe = await probeOn(cluster, from);
    const type = answer.family === "ipv4" ? "A" : "AAAA";
    const dig = ["dig", "+short", "+time=2", "+tries=1", `@${server}`, name, type];
    const { stdout, stderr } = await cluster.run(PROBE.namespace, probe.metadata?.name ?? "", PROBE.name, dig);
    return equal(
      `${name} is ${answer}, from ${server}`,
      `${name} is ${stdout.trim() || stderr.trim()}, from ${server}`,
    );
  },

  "node-port": async ({ cluster, outside }, { address }) => {
    const { spec } = await cluster.service(PROBE.namespace, PROBE.name);
    const port = spec?.ports?.[0]?.nodePort;
    if (port === undefined) return { ok: false, expected: "a NodePort", found: "the Service has none" };
    if (address === undefined) return { ok: false, expected: "an address of the node", found: "Docker gave it none" };
    const url = `http://${hostPort(address, port)}/`;
    return probeAnswer(outside === undefined ? await fetchFromHere(url) : read(await outside.run(curl(url))));
  },

  api: readyApi,

  ingress: throughIngress,

  "load-balancer": byPool,

  egress: async ({ cluster }, { from, to, port }) => {
    const target = hostPort(to, port);
    const probe = await probeOn(cluster, from);
    const started = performance.now();
    const { code, stdout, stderr } = await cluster.run(PROBE.namespace, probe.metadata?.name ?? "", PROBE.name, [
      "/agnhost",
      "connect",
      "--timeout=5s",
      target,
    ]);
    const expected = `a TCP connection to ${target}`;
    const found = code === 0 ? expected : `${stdout}${stderr}`.trim() || `code ${code}`;
    return { ok: code === 0, expected, found, milliseconds: performance.now() - started };
  },
};

/** Tries a check once. Throws Error when not even a try was possible. */
export function answer(scene: Scene, check: Check): Promise<Answer> {
  const answerOf = ANSWERS[check.kind] as (scene: Scene, check: Check) => Promise<Answer>;
  return answerOf(scene, check);
}

function equal(expected: string, found: string): Answer {
  return { ok: expected === found, expected, found };
}

async function nodeOf(cluster: Kubernetes, name: string) {
  const nodes = await cluster.nodes();
  const node = nodes.find(({ metadata }) => metadata?.name === name);
  if (node !== undefined) return node;
  throw new Error(
    `the cluster has no node ${name}; it has ${nodes.map(({ metadata }) => metadata?.name).join(", ") || "none"}`,
  );
}

/** The ready probe pod of a node. */
async function probeOn(cluster: Kubernetes, node: string): Promise<V1Pod> {
  const pods = await cluster.pods(PROBE.namespace, `app=${PROBE.name}`);
  const here = pods.filter(
    ({ spec, metadata }) => spec?.nodeName === node && metadata?.deletionTimestamp === undefined,
  );
  const ready = here.find(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
  );
  if (ready !== undefined) return ready;
  throw new Error(`no probe pod is ready on ${node}: ${here.map(stateOf).join("; ") || "none was made"}`);
}

function stateOf({ metadata, status }: V1Pod): string {
  const waiting = status?.containerStatuses?.[0]?.state?.waiting;
  return `${metadata?.name} is ${waiting?.reason ?? status?.phase}${waiting?.message ? ` (${waiting.message})` : ""}`;
}

interface Fetched {
  /** What the web server said its name is; empty when there was no answer. */
  readonly name: string;
  readonly found: string;
  readonly milliseconds?: number;
}

/** curl prints the server's answer, then the address that it reached and the seconds that it took. */
const curl = (...args: string[]) => ["curl", "-sS", "-g", "-m", "5", "-w", "\\n%{remote_ip} %{time_total}", ...args];

async function fetchFromPod(cluster: Kubernetes, node: string, args: string[]): Promise<Fetched> {
  const probe = await probeOn(cluster, node);
  return read(await cluster.run(PROBE.namespace, probe.metadata?.name ?? "", PROBE.name, curl(...args)));
}

function read({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): Fetched {
  const lines = stdout.trim().split("\n");
  const [address, seconds] = (lines.pop() ?? "").split(" ");
  const name = code === 0 ? lines.join(" ").trim() : "";
  const found =
    code === 0 ? `${name || "an empty answer"} from ${address}` : stderr.trim() || `curl ended with code ${code}`;
  return { name, found, ...(code === 0 ? { milliseconds: Number(seconds) * 1000 } : {}) };
}

async function fetchFromHere(url: string): Promise<Fetched> {
  const started = performance.now();
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    const name = (await response.text()).trim();
    return { name, found: name, milliseconds: performance.now() - started };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error);
    return { name: "", found: cause.message };
  }
}

function probeAnswer({ name, found, milliseconds }: Fetched): Answer {
  const ok = name.startsWith(`${PROBE.name}-`);
  return { ok, expected: "the answer of a probe pod", found, ...(milliseconds === undefined ? {} : { milliseconds }) };
}
