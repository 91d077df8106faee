import { createHmac } from "node:crypto";
import { hostKeyOf } from "../../spec/host-key";
import { KnownHosts } from "../../spec/known-hosts";
import { fakeKey } from "./keys";

const ed25519 = fakeKey(1);
const ecdsa = fakeKey(2, "ecdsa-sha2-nistp256");
const rsa = fakeKey(3, "ssh-rsa");

function find(text: string, address: string, port = 22) {
  return KnownHosts.parse(text).find(address, port);
}

function hashed(name: string): string {
  const salt = Buffer.alloc(20, 7);
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

test.each([
  ["a name", `cp-1.lab.example ${ed25519}`, "cp-1.lab.example", 22],
  ["a name in capitals", `CP-1.lab.example ${ed25519}`, "cp-1.lab.example", 22],
  ["a list", `cp-1,192.168.1.11 ${ed25519}`, "192.168.1.11", 22],
  ["a comment behind the key", `cp-1 ${ed25519} root@cp-1`, "cp-1", 22],
  ["another port", `[192.168.1.11]:2222 ${ed25519}`, "192.168.1.11", 2222],
  ["IPv6", `fd00::1 ${ed25519}`, "fd00::1", 22],
  ["IPv6 in another spelling", `FD00:0::1 ${ed25519}`, "fd00::1", 22],
  ["IPv6 on another port", `[FD00:0::1]:2222 ${ed25519}`, "fd00::1", 2222],
  ["brackets around the usual port", `[fd00::1]:22 ${ed25519}`, "fd00::1", 22],
  ["a hashed name", `${hashed("cp-1")} ${ed25519}`, "cp-1", 22],
  ["a hashed address on another port", `${hashed("[fd00::1]:2222")} ${ed25519}`, "fd00::1", 2222],
  ["ed25519 before ecdsa before RSA", `cp-1 ${rsa}\ncp-1 ${ecdsa}\ncp-1 ${ed25519}`, "cp-1", 22],
  ["the same line twice", `cp-1 ${ed25519}\r\ncp-1 ${ed25519}\r\n`, "cp-1", 22],
])("finds %s", (_, text, address, port) => {
  expect(find(text, address, port)).toEqual({ found: "key", hostKey: ed25519 });
});

test.each([
  ["nothing in an empty file", "", "nothing"],
  ["nothing in comments", `# cp-1 ${ed25519}`, "nothing"],
  ["nothing for another host", `cp-10 ${ed25519}`, "nothing"],
  ["nothing for another port", `[cp-1]:2222 ${ed25519}`, "nothing"],
  ["nothing in patterns", `cp-* ${ed25519}\n!cp-1,* ${ed25519}`, "nothing"],
  ["nothing in certificate authorities", `@cert-authority cp-1 ${ed25519}`, "nothing"],
  ["only RSA", `cp-1 ${rsa}`, "rsa"],
  ["two keys of the best type", `cp-1 ${ed25519}\ncp-1 ${fakeKey(9)}`, "several"],
  ["half a key", `cp-1 ${ed25519.slice(0, 30)}`, "broken"],
  ["a revoked key", `cp-1 ${ed25519}\n@revoked cp-1 ${ed25519}`, "revoked"],
])("finds %s", (_, text, found) => {
  expect(find(text, "cp-1")).toEqual({ found });
});

test("a key that is not revoked stays", () => {
  expect(find(`@revoked cp-1 ${ed25519}\ncp-1 ${ed25519}\ncp-1 ${ecdsa}`, "cp-1")).toEqual({
    found: "key",
    hostKey: ecdsa,
  });
});

test("a host key loses its comment", () => {
  expect(hostKeyOf(`${ed25519}  root@cp-1 $(id)`)).toBe(ed25519);
});
