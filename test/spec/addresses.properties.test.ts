/** Laws of addresses and ranges, on many random ones; python3's ipaddress is asked too, where there is a python3. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { Address, AddressError, bitsOf, Cidr, FAMILIES, nameOf } from "../../spec";

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

fc.configureGlobal({ numRuns: 300 });

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
for a, b, n, longer in json.load(sys.stdin):
    x, y = ipaddress.ip_network(a), ipaddress.ip_network(b)
    n = int(n) % x.num_addresses
    prefix = min(x.prefixlen + longer, x.max_prefixlen)
    subnets = 1 << (prefix - x.prefixlen)
    step = 1 << (x.max_prefixlen - prefix)
    cut = type(x)((int(x[0]) + (n % subnets) * step, prefix))
    same = x.version == y.version
    print(x, x.num_addresses, x[-1], x[n], x[n].exploded, subnets, cut, same and x.overlaps(y), same and y.subnet_of(x), same and y[0] in x)
`;

const withPython = spawnSync("python3", ["-c", "import ipaddress"]).status === 0 ? test : test.skip;

withPython("python3's ipaddress agrees", () => {
  const cases = fc.sample(fc.tuple(pair, fc.bigInt(0n, 1n << 128n), fc.nat(20)), 10_000);
  const input = cases.map(([[a, b], n, longer]) => [a, b, String(n), longer]);
  const answer = spawnSync("python3", ["-c", PYTHON], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const lines = cases.map(([[a, b], n, longer]) => {
    const at = a.nth(n % a.capacity);
    const prefix = Math.min(a.prefix + longer, bitsOf(a.family));
    const subnets = a.subnets(prefix);
    const cut = a.subnet(prefix, (n % a.capacity) % subnets);
    const truths = [a.overlaps(b), a.contains(b), a.contains(b.network)].map((one) => (one ? "True" : "False"));
    return `${[a, a.capacity, a.last, at, exploded(at), subnets, cut, ...truths].join(" ")}\n`;
  });
  expect(answer.stdout.split("\n")).toEqual(lines.join("").split("\n"));
});

/** Every group in full, as node names are made of. */
function exploded(one: Address): string {
  return one.family === "ipv4" ? one.toString() : nameOf(one).replaceAll("-", ":");
}

const SPELLINGS = `
import ipaddress, json, sys
for text in json.load(sys.stdin):
    try:
        print(ipaddress.ip_address(text))
    except ValueError:
        print("no")
`;

withPython("python3's ipaddress reads the same texts as addresses, but for zones and IPv4-mapped ones", () => {
  const digits = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCF:::..g "), minLength: 2, maxLength: 18 });
  const nearly = fc.tuple(address, fc.nat(40), fc.constantFrom("", ":", ".", "0", "::", "1", "F", " "), fc.nat(1));
  const broken = nearly.map(([one, at, crumb, cut]) => {
    const text = one.toString();
    return text.slice(0, at) + crumb + text.slice(at + cut);
  });
  const texts = fc.sample(fc.oneof(digits, broken), 10_000).filter((text) => !text.includes("\n"));
  const answer = spawnSync("python3", ["-c", SPELLINGS], {
    input: JSON.stringify(texts),
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const theirs = answer.stdout.trimEnd().split("\n");
  const differing = texts.flatMap((text, i) => {
    const ours = read(text);
    return ours === "mapped" || ours === theirs[i] ? [] : [{ text, ours, theirs: theirs[i] }];
  });
  expect(differing).toEqual([]);
});

function read(text: string): string {
  try {
    return Address.parse(text).toString();
  } catch (error) {
    return error instanceof AddressError && error.code === "address-ipv4-mapped" ? "mapped" : "no";
  }
}
