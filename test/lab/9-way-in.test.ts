/**
 * IPv6 first, with what stands between clients and pods: MetalLB's addresses of both families on the hosts' link, Traefik and Envoy
 * Gateway behind them with TLS, the sample application behind Traefik, and the DNS cache of each node.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needPrograms } from "../../lab/packages";
import { MIRROR_SETTING } from "../../live/upstream";
import { SERVICES, testName } from "../../plan/way-in";
import { hostPort } from "../../spec";
import { Address } from "../../spec/addresses";
import { example } from "../engine/packed";
import { describeFamilyLab, type Seen } from "./families";
import { dualstack, LONG, labEnvironment, on, ROOT, until } from "./harness";

// the lab finds the files of its add-ons by itself; a mirror that somebody has chosen need not have them
delete process.env[MIRROR_SETTING];

const LAB = join(ROOT, ".lab/ipv6-first");
const CONTROLLERS = ["traefik", "envoy-gateway"] as const;
/** A node port is there a moment after its Service: kube-proxy writes its rules when it hears of it. */
const PATIENT = ["--retry", "5", "--retry-connrefused"];
type Controller = (typeof CONTROLLERS)[number];

describeFamilyLab({ name: "ipv6-first", born: "ipv6", families: ["ipv6", "ipv4"] }, (seen) => {
  test("the proof asked each way in from outside, by both schemes, over each family, and each node's cache", async () => {
    const { code, output } = await dualstack("verify", seen.file, "--json");
    expect(code).toBe(0);
    const { results } = JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));
    const passed = results.map(({ id, ok }: { id: string; ok: boolean }) => (ok ? id : `failed ${id}`));
    for (const family of ["ipv4", "ipv6"]) {
      const ways = [
        `ingress/traefik/http/${family}`,
        `ingress/traefik/https/${family}`,
        // it ends no TLS without a certificate
        `ingress/envoy-gateway/http/${family}`,
        `load-balancer/default/${family}`,
      ];
      expect(passed).toEqual(expect.arrayContaining(ways));
    }
    expect(passed.filter((id: string) => id.startsWith("node-dns/"))).toHaveLength(4);
  });

  describe("the DNS cache of a node", () => dnsCache(seen));
  describe("controllers behind MetalLB", () => wayIn(seen));
  describe("the sample application", () => sampleApp(seen));
});

function dnsCache({ kube }: Seen): void {
  const pod = "exec -n dualstack-verify daemonset/probe --";
  // a name that nobody else asks for: CoreDNS tells what is left of a time to live that began with the first one
  const dig = (server: string) =>
    kube(`${pod} dig +short +time=2 +tries=1 @${server} AAAA headers.dualstack-verify.svc.cluster.local`);

  test("is in the resolv.conf of pods: at the address of kube-dns, and at its own of the other family", async () => {
    const text = await kube(`${pod} cat /etc/resolv.conf`);
    expect(text).toMatch(/nameserver fd5d:a57a:c400:300::a\nnameserver 169\.254\.20\.10/);
  });

  test("answers, also at the address of kube-dns, while no CoreDNS runs", async () => {
    const servers = ["169.254.20.10", "fd5d:a57a:c400:300::1:9", "fd5d:a57a:c400:300::a"];
    const address = await kube("-n dualstack-verify get service headers -o 'jsonpath={.spec.clusterIP}'");
    for (const server of servers) expect(await dig(server)).toBe(address);
    try {
      // at once: what a cache holds it tells for 30 s, and without one the address of kube-dns would answer nothing
      await kube("-n kube-system scale deployment coredns --replicas=0");
      await kube("-n kube-system delete pods -l k8s-app=kube-dns --grace-period=0 --force");
      const left = () => kube("-n kube-system get pods -l k8s-app=kube-dns -o name");
      await until("no pod of CoreDNS", async () => (await left()) === "");
      for (const server of servers) expect(await dig(server)).toBe(address);
    } finally {
      await kube("-n kube-system scale deployment coredns --replicas=2");
      await kube("-n kube-system rollout status deployment coredns --timeout=240s");
    }
  });
}

/** The addresses that MetalLB gave to a controller's Service, one of each family. */
async function addressesOf({ kube }: Seen, controller: Controller): Promise<Address[]> {
  const { namespace, name } = SERVICES[controller];
  const path = "jsonpath={.status.loadBalancer.ingress[*].ip}";
  const given = await kube(`-n ${namespace} get service ${name} -o '${path}'`);
  return given.split(" ").map((text) => Address.parse(text));
}

/** `curl` from the host outside for a name at one of the way's addresses; fails when there is no answer. */
function fetchFrom({ read }: Seen, url: URL, at: Address, options = ""): Promise<string> {
  const outside = read().verification.outside!;
  const port = url.protocol === "https:" ? 443 : 80;
  const family = { ipv4: "-4", ipv6: "-6" }[at.family];
  const line = `curl -sS -g ${family} -m 10 ${options} --connect-to '::${hostPort(at, port)}' '${url}'`;
  return on(outside, line, "", read());
}

function wayIn(seen: Seen): void {
  const folder = mkdtempSync(join(tmpdir(), "dualstack-way-in-"));
  const file = (of: string) => join(folder, of);
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(CONTROLLERS)(
    "%s has an address of each family out of the pool, and a Service that keeps the client's address",
    async (controller) => {
      const given = (await addressesOf(seen, controller)).map(String).sort();
      expect(given).toEqual([
        expect.stringMatching(/^192\.168\.102\.2[012]\d$/),
        expect.stringMatching(/^fd5d:a57a:c400:102::2[012]/),
      ]);
      const { namespace, name } = SERVICES[controller];
      const { spec } = JSON.parse(await seen.kube(`-n ${namespace} get service ${name} -o json`));
      expect(spec).toMatchObject({ ipFamilies: ["IPv6", "IPv4"], externalTrafficPolicy: "Local" });
    },
  );

  test(
    "serve a certificate that comes later, and clients who trust it alone are answered over each family",
    async () => {
      await needPrograms("openssl");
      const names = CONTROLLERS.map((controller) => `DNS:${testName(controller)}`).join(",");
      const subject = ["-subj", "/CN=dualstack", "-addext", `subjectAltName=${names}`];
      const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file("tls.key")];
      execFileSync("openssl", ["req", "-x509", "-days", "1", ...key, "-out", file("tls.crt"), ...subject], {
        stdio: "pipe",
      });
      const data = { "tls.crt": encoded(file("tls.crt")), "tls.key": encoded(file("tls.key")) };
      for (const controller of CONTROLLERS) {
        const metadata = { name: "default-tls", namespace: SERVICES[controller].namespace };
        const secret = { apiVersion: "v1", kind: "Secret", metadata, type: "kubernetes.io/tls", data };
        await seen.kube("apply -f -", JSON.stringify(secret));
      }
      const outside = seen.read().verification.outside!;
      await on(outside, "cat >/tmp/way-in.crt", readFileSync(file("tls.crt"), "utf8"), seen.read());
      const ask = (controller: Controller, at: Address) => {
        const url = new URL(`https://${testName(controller)}/header?key=X-Forwarded-Proto`);
        return fetchFrom(seen, url, at, "--cacert /tmp/way-in.crt");
      };
      // the one of its own making, until the spec names another
      for (const at of await addressesOf(seen, "traefik"))
        await expect(ask("traefik", at)).rejects.toThrow(/certificate/);
      const { code, output } = await dualstack("lab", "up", changed(seen.file));
      expect([code, code === 0 ? "" : output]).toEqual([0, ""]);
      for (const controller of CONTROLLERS)
        for (const at of await addressesOf(seen, controller)) expect(await ask(controller, at)).toBe("https");
    },
    LONG,
  );
}

const encoded = (file: string) => readFileSync(file).toString("base64");

/** The lab's spec with a certificate for each controller, in the lab's own folder. */
function changed(file: string): string {
  const text = readFileSync(file, "utf8")
    .replaceAll("../../../.lab/ipv6-first/", "")
    .replace(/\{kind: (traefik|envoy-gateway)\}/g, "{kind: $1, certificate: default-tls}");
  const to = join(LAB, "with-certificate.yaml");
  writeFileSync(to, text);
  return to;
}

function sampleApp(seen: Seen): void {
  const name = "common-nginx.test.example";
  let app: ReturnType<typeof example>;

  beforeAll(async () => {
    // the engine and its plugins are the lab's, the program's state is its own
    const { PULUMI_OPTION_CONFIG_FILE, ...env } = await labEnvironment(seen.file);
    app = example("sample-app", env);
    app.install();
  }, LONG);
  afterAll(() => app?.remove());

  const pulumi = (args: readonly string[], input = "") => {
    const { status, stdout, stderr } = app.pulumi(args, input);
    expect([args, status, status === 0 ? "" : stdout + stderr]).toEqual([args, 0, ""]);
    return stdout;
  };

  test("answers curl -g -6 and curl -g -4 at the node port of every node", async () => {
    pulumi(["stack", "init", "test"]);
    const settings = {
      spec: seen.file,
      nodePort: "30081",
      ingressHost: name,
      ingressClass: "traefik",
      // the program that the lab has in place of nginx
      image: seen.read().verification.image,
      port: "8080",
      args: '["serve-hostname", "--http", "--port=8080"]',
    };
    for (const [key, value] of Object.entries(settings)) pulumi(["config", "set", key, value]);
    pulumi(["config", "set", "--secret", "kubeconfig"], readFileSync(join(LAB, "kubeconfig"), "utf8"));
    pulumi(["up", "--yes", "--skip-preview"]);
    const { addresses, tryIt } = JSON.parse(pulumi(["stack", "output", "--json"]));
    expect(addresses).toEqual([expect.stringMatching(/^fd5d:/), expect.stringMatching(/^10\.96\./)]);
    expect(tryIt).toHaveLength(4);
    for (const line of tryIt as string[]) {
      const [program = "", ...args] = line.split(" ");
      const { status, stdout } = spawnSync(program, ["-sS", "-m", "10", ...PATIENT, ...args], { encoding: "utf8" });
      expect([line, status, stdout]).toEqual([line, 0, expect.stringMatching(/^common-nginx-/)]);
    }
  });

  test("answers from outside through Traefik, by HTTP and HTTPS, over each family", async () => {
    for (const at of await addressesOf(seen, "traefik")) {
      for (const scheme of ["http", "https"]) {
        const answer = () => fetchFrom(seen, new URL(`${scheme}://${name}/`), at, "--insecure");
        await until(`${scheme} by ${at}`, async () => /^common-nginx-/.test(await answer()));
      }
    }
  });

  test("goes without a trace", async () => {
    pulumi(["destroy", "--yes", "--skip-preview"]);
    expect(await seen.kube("-n default get deployments,ingresses -o name")).toBe("");
  });
}
