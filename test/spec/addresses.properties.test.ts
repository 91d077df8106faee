/** Laws of addresses and ranges, on many random ones; python3's ipaddress is asked too, where there is a python3. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { Address, bitsOf, Cidr, FAMILIES } from "../../spec";

const address = fc.constantFrom(...FAMILIES).chain((family) => {
  const bits = bitsOf(family);
  // Sparse values make runs of zeros, dense ones do not.
  const value = fc.oneof(fc.bigInt(0n, (1n << BigInt(bits)) - 1n), sparse(bits));
  return value.map((n) => Address.of(family, n)).filter((one) => family === "ipv4" || one.value >> 32n !== 0xffffn);
});

function sparse(bits: number): fc.Arbitrary<bigint> {
  return fc
    .array(fc.constantFrom(0n, 0n, 1n, 0xffffn), { minLength: bits / 16, maxLength: bits / 16 })
    .map((groups) => {
      return groups.reduce((value, group) => (value << 16n) | group, 0n);
    });
}

const range = fc.tuple(address, fc.nat(128)).map(([one, n]) => Cidr.of(one, n % (bitsOf(one.family) + 1)));

/** A range near another: pairs that touch are rare among random ones. */
const pair = fc.tuple(range, range, fc.boolean(), fc.nat(128)).map(([a, b, near, n]): [Cidr, Cidr] => {
  return near ? [a, Cidr.of(a.last, n % (bitsOf(a.family) + 1))] : [a, b];
});

test("what is printed is read back as the same", () => {
  fc.assert(fc.property(address, (one) => Address.parse(one.toString()).equals(one)));
  fc.assert(fc.property(range, (one) => Cidr.parse(one.toString()).equals(one)));
});

test("ranges overlap exactly when one holds an end of the other, in either order", () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const ends = a.contains(b.network) || a.contains(b.last) || b.contains(a.network) || b.contains(a.last);
      expect(a.overlaps(b)).toBe(ends);
      expect(b.overlaps(a)).toBe(ends);
    }),
  );
});

test("a range holds its first and last address and not their neighbours", () => {
  fc.assert(
    fc.property(range, (one) => {
      expect(one.contains(one.nth(0))).toBe(true);
      expect(one.contains(one.nth(one.capacity - 1n))).toBe(true);
      if (one.network.value > 0n) expect(one.contains(one.network.plus(-1))).toBe(false);
    }),
  );
});

test("the subnets of a range lie inside it and not on one another", () => {
  fc.assert(
    fc.property(range, fc.nat(16), fc.bigInt(0n, 1n << 20n), (one, longer, n) => {
      const prefix = Math.min(one.prefix + longer, bitsOf(one.family));
      const count = one.subnets(prefix);
      const subnet = one.subnet(prefix, n % count);
      expect(one.contains(subnet)).toBe(true);
      if (n % count > 0n) expect(subnet.overlaps(one.subnet(prefix, (n % count) - 1n))).toBe(false);
    }),
  );
});

const PYTHON = `
import ipaddress, json, sys
for a, b in json.load(sys.stdin):
    x, y = ipaddress.ip_network(a), ipaddress.ip_network(b)
    print(x, x.num_addresses, x[-1], x.version == y.version and x.overlaps(y))
`;

test("python3's ipaddress agrees", () => {
  if (spawnSync("python3", ["-c", "import ipaddress"]).status !== 0) {
    process.stderr.write("skipped: there is no python3 to compare with\n");
    return;
  }
  const pairs = fc.sample(pair, 2000);
  const answer = spawnSync("python3", ["-c", PYTHON], { input: JSON.stringify(pairs), encoding: "utf8" });
  const ours = pairs.map(([a, b]) => `${a} ${a.capacity} ${a.last} ${a.overlaps(b) ? "True" : "False"}\n`).join("");
  expect(answer.stdout).toBe(ours);
});
