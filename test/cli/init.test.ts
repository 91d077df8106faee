/** `dualstack init`, through the command line parser and through its questions. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { Command } from "commander";
import { answered, askOn, registerInit, starterOf } from "../../cli/init";
import { parseSpec } from "../../spec";
import { starterText, uniqueLocalPrefix } from "../../spec/starter";
import { knownHostsFor } from "../spec/keys";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "init-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const FLAGS = {
  name: "lab",
  controlPlane: ["cp-1=192.168.1.11/24,fd00:1::11/64"],
  worker: ["worker-1=192.168.1.12/24,fd00:1::12/64"],
  gateway: ["192.168.1.1", "fe80::1"],
  interface: "eth0",
};
const BYTES = Uint8Array.of(0x5d, 0xa5, 0x7a, 0xc4, 0x01);

async function init(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    jest.spyOn(process[stream], "write").mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  const program = new Command();
  registerInit(program);
  try {
    await program.parseAsync(["init", ...args], { from: "user" });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return written;
}

const ARGS = ["--name", "lab", "--control-plane", FLAGS.controlPlane[0]!, "--gateway", "192.168.1.1"];

test("what is written, for the same answers and the same chance", () => {
  expect(
    starterText({ ...starterOf(FLAGS, BYTES), schema: "../docs/spec.schema.json" }),
  ).toBe(`# yaml-language-server: $schema=../docs/spec.schema.json
name: lab
network:
  families: [ipv4, ipv6]    # the primary one first; a cluster keeps this order for life
  # fd5d:a57a:c401::/48 is a fresh unique local prefix (RFC 4193): no other network has it
  pods: {ipv4: 10.244.0.0/16, ipv6: "fd5d:a57a:c401:100::/56"}
  services: {ipv4: 10.96.0.0/16, ipv6: "fd5d:a57a:c401:200::/112"}
ssh:
  # the hosts' keys: 'dualstack trust' with this file shows them for review and writes them there
  knownHosts: known_hosts
hosts:
  - name: cp-1
    role: control-plane
    interfaces:
      - name: eth0
        ipv4: {address: 192.168.1.11/24, gateway: 192.168.1.1}
        ipv6: {address: "fd00:1::11/64", gateway: "fe80::1"}
  - name: worker-1
    role: worker
    interfaces:
      - name: eth0
        ipv4: {address: 192.168.1.12/24, gateway: 192.168.1.1}
        ipv6: {address: "fd00:1::12/64", gateway: "fe80::1"}
`);
});

test.each(["ipv4,ipv6", "ipv6,ipv4", "ipv6"])("the spec is valid and without warnings: %s", (families) => {
  const text = starterText(starterOf({ ...FLAGS, families }, BYTES));
  const keys = knownHostsFor("192.168.1.11", "192.168.1.12", "fd00:1::11", "fd00:1::12");
  const { spec, warnings } = parseSpec(text, { file: "lab.yaml", knownHosts: keys });
  expect(warnings).toEqual([]);
  expect(spec.network.families.join()).toBe(families);
});

test("the prefix is fd and 40 random bits", () => {
  expect(uniqueLocalPrefix(BYTES).toString()).toBe("fd5d:a57a:c401::/48");
  expect(uniqueLocalPrefix(new Uint8Array(5).fill(255)).toString()).toBe("fdff:ffff:ffff::/48");
  expect(() => uniqueLocalPrefix(new Uint8Array(4))).toThrow(RangeError);
});

test("the command writes to standard output, another prefix each time", async () => {
  const [one, two] = [await init(...ARGS), await init(...ARGS)];
  expect(one.stdout).toMatch(/^ {2}pods: \{ipv4: 10\.244\.0\.0\/16, ipv6: "fd[0-9a-f:]+00::\/56"\}$/m);
  expect(one.stdout).not.toBe(two.stdout);
});

test("it writes a file, and over a file only when told", async () => {
  const file = join(folder, "lab.yaml");
  expect((await init(...ARGS, "--out", file)).stdout).toBe("");
  const first = readFileSync(file, "utf8");
  await expect(init(...ARGS, "--out", file)).rejects.toThrow(/is there already; give another --out, or --force/);
  expect(readFileSync(file, "utf8")).toBe(first);
  await init(...ARGS, "--out", file, "--force");
  expect(readFileSync(file, "utf8")).not.toBe(first);
});

test.each([
  ["a host without an address", ["--control-plane", "cp-1"], /write a host as name=address\/prefix/],
  ["an address without a prefix", ["--control-plane", "cp-1=192.168.1.11"], /prefix length is missing/],
  ["two addresses of a family", ["--control-plane", "cp-1=192.168.1.11/24,192.168.1.12/24"], /one address of IPv4/],
  ["a name that is none", ["--control-plane", "CP_1=192.168.1.11/24,fd00:1::11/64"], /RFC 1123 label/],
  [
    "a family that is missing",
    ["--control-plane", "cp-1=192.168.1.11/24"],
    /no interface of this host has an ipv6 address/,
  ],
  [
    "families that are none",
    ["--control-plane", FLAGS.controlPlane[0]!, "--families", "dual"],
    /families are ipv4,ipv6/,
  ],
  ["an endpoint that is none", ["--control-plane", FLAGS.controlPlane[0]!, "--endpoint", "fd00::1"], /in brackets/],
])("%s is refused with what to write", async (_, args, message) => {
  await expect(init("--name", "lab", ...args)).rejects.toThrow(message);
});

test("without a terminal there are no questions", async () => {
  await expect(init("--name", "lab")).rejects.toThrow(/give --name and --control-plane, or run this on a terminal/);
});

describe("questions on a terminal", () => {
  const questions = [{ text: "Name", default: "lab" }, { text: "Host" }];

  function answersTo(input: string): Promise<string[]> {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const answers = askOn(stdin, stdout, questions);
    const lines = input.split(/(?<=\n)/);
    // a person answers after the question
    stdout.on("data", () => setImmediate(() => (lines.length > 0 ? stdin.write(lines.shift()) : stdin.end())));
    return answers;
  }

  test("an empty answer takes the default", async () => {
    await expect(answersTo("\n cp-1 \n")).resolves.toEqual(["lab", "cp-1"]);
  });

  test("an end before the last answer is an error", async () => {
    await expect(answersTo("\n")).rejects.toThrow("stopped; nothing was written");
  });
});

test("answers become flags", async () => {
  const asked: string[] = [];
  const flags = await answered({ controlPlane: [], worker: [], gateway: [], interface: "eth0" }, async (questions) => {
    asked.push(...questions.map(({ text }) => text));
    return [
      "lab",
      "ipv6,ipv4",
      FLAGS.controlPlane[0]!,
      " worker-1=192.168.1.12/24,fd00:1::12/64 ",
      "192.168.1.1 fe80::1",
      "lab.yaml",
    ];
  });
  expect(asked).toHaveLength(6);
  expect(flags).toMatchObject({ ...FLAGS, families: "ipv6,ipv4", out: "lab.yaml" });
});
