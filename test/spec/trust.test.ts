/** Whose keys are asked for, in which order, and what a shown key is. */
import { parseSpec } from "../../spec";
import { fingerprint } from "../../spec/host-key";
import { judgeKey, NOT_PINNED, trustRounds, withKeys } from "../../spec/trust";
import { fakeKey } from "./keys";

const [one, other] = [fakeKey(1), fakeKey(2)];

function spec(ssh: string, ofWorker = "") {
  const host = (n: number, role: string, more: string) =>
    `  - {name: h-${n}, role: ${role}${more}, interfaces: [{name: eth0, ipv4: {address: 10.0.0.${n}/24, gateway: 10.0.0.254}}]}\n`;
  const text = `name: t\nnetwork: {families: [ipv4]}\nssh: {${ssh}}\nhosts:\n${host(1, "control-plane", ", ssh: {port: 2222}")}${host(2, "worker", ofWorker)}`;
  return parseSpec(text, { file: "t.yaml", placeholderKey: NOT_PINNED }).spec;
}

const rounds = (ssh: string, ofWorker?: string) =>
  trustRounds(spec(ssh, ofWorker)).map((round) =>
    round.map(({ names, ssh: { address, port } }) => `${names} ${address} ${port}`),
  );

test("every sshd is asked once, jump hosts before those behind them", () => {
  expect(rounds("port: 22")).toEqual([["h-1 10.0.0.1 2222", "h-2 10.0.0.2 22"]]);
  expect(rounds("jump: {address: 10.0.0.9}")).toEqual([
    ["jump host 10.0.0.9 22"],
    ["h-1 10.0.0.1 2222", "h-2 10.0.0.2 22"],
  ]);
  expect(rounds("jump: {address: 10.0.0.9}", ", ssh: {jump: none}")).toEqual([
    ["jump host 10.0.0.9 22", "h-2 10.0.0.2 22"],
    ["h-1 10.0.0.1 2222"],
  ]);
  expect(rounds("jump: {address: 10.0.0.2}", ", ssh: {jump: none}")).toEqual([
    ["jump host,h-2 10.0.0.2 22"],
    ["h-1 10.0.0.1 2222"],
  ]);
  expect(rounds("jump: {address: 10.0.0.9}", ", ssh: {jump: {address: 10.0.0.8}}")[0]).toEqual([
    "jump host of h-1 10.0.0.9 22",
    "jump host of h-2 10.0.0.8 22",
  ]);
});

test.each([
  ["new", NOT_PINNED, "", one],
  ["new", NOT_PINNED, `cp-1 ${fakeKey(3, "ssh-rsa")}`, one],
  ["known", one, `cp-1 ${one}`, one],
  ["changed", other, `cp-1 ${other}`, one],
  ["revoked", NOT_PINNED, `@revoked cp-1 ${one}`, one],
  ["new", NOT_PINNED, `@revoked cp-1 ${other}`, one],
  ["unclear", NOT_PINNED, `cp-1 ${one}\ncp-1 ${other}`, one],
  ["unclear", NOT_PINNED, `cp-1 ${one.slice(0, 30)}`, one],
])("%s", (is, hostKey, text, shown) => {
  const ssh = { address: "cp-1", port: 22, user: "root", hostKey };
  expect(judgeKey({ names: ["cp-1"], ssh }, shown, text)).toEqual({ is, ...(is === "changed" ? { old: other } : {}) });
});

test("new lines go behind what was there, under the name that OpenSSH looks for", () => {
  const end = (address: string, port: number) => ({
    ssh: { address, port, user: "root", hostKey: NOT_PINNED },
    hostKey: one,
  });
  expect(withKeys("# mine", [end("fd00::1", 22), end("fd00::1", 2222)])).toBe(
    `# mine\nfd00::1 ${one}\n[fd00::1]:2222 ${one}\n`,
  );
  expect(withKeys("", [end("cp-1", 22)])).toBe(`cp-1 ${one}\n`);
});

test("a fingerprint is as ssh-keygen -l prints it", () => {
  // ssh-keygen -lf of this public key
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsL";
  expect(fingerprint(key)).toBe("SHA256:+Zm8yfOZg9Yu5QbbJnzhThSzYY2ObkZ4qxcx2u0V1L4");
  expect(fingerprint(Buffer.from(key.split(" ")[1]!, "base64"))).toBe(fingerprint(key));
});
