import { Address, AddressError, Cidr, hostPort, InterfaceAddress } from "../../spec";

function codeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof AddressError) return error.code;
    throw error;
  }
  return "no error";
}

describe("an address prints in the one canonical form", () => {
  test.each([
    ["192.168.1.10", "192.168.1.10"],
    ["FD00:0:0:0:0:0:0:1", "fd00::1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"], // RFC 5952 section 4.2.2: one group is not shortened
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"], // section 4.2.3: the longest run
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"], // the first of equal runs
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["0:0:0:0:0:0:2:3", "::2:3"],
  ])("%s -> %s", (text, canonical) => {
    expect(Address.parse(text).toString()).toBe(canonical);
  });
});

test.each([
  ["010.0.0.1", "address-leading-zero"],
  ["10.0.0.08", "address-leading-zero"],
  ["10.0.0", "address-syntax"],
  ["0x7f.0.0.1", "address-syntax"],
  ["2130706433", "address-syntax"],
  ["fd00::1%1", "address-zone"],
  ["::ffff:1.2.3.4", "address-ipv4-mapped"],
  ["::ffff:102:304", "address-ipv4-mapped"],
  ["[fd00::1]", "address-brackets"],
  ["\u{ff11}.1.1.1", "address-syntax"],
  ["1.2.3.4\n", "address-space"],
])("%j is refused as %s", (text, code) => {
  expect(codeOf(() => Address.parse(text))).toBe(code);
});

test.each([
  ["10.244.0.0/16", "no error"],
  ["fd00::/8", "no error"],
  ["0.0.0.0/0", "no error"],
  ["10.244.0.1/16", "cidr-host-bits"],
  ["10.0.0.0/016", "cidr-mask"],
  ["10.0.0.0/+8", "cidr-mask"],
  ["10.0.0.0/8/8", "cidr-mask"],
  ["10.0.0.0/", "cidr-mask"],
  ["::/129", "cidr-mask"],
  ["/8", "address-empty"],
  ["10.0.0.0", "cidr-mask-missing"],
])("the range %s: %s", (text, code) => {
  expect(codeOf(() => Cidr.parse(text))).toBe(code);
});

describe("a range", () => {
  const range = Cidr.parse("10.244.0.0/16");

  test("counts and divides", () => {
    expect(range.capacity).toBe(65536n);
    expect(Cidr.parse("::/0").capacity).toBe(1n << 128n);
    expect(range.last.toString()).toBe("10.244.255.255");
    expect(range.nth(10).toString()).toBe("10.244.0.10");
    expect(range.subnets(24)).toBe(256n);
    expect(range.subnet(24, 255).toString()).toBe("10.244.255.0/24");
    expect(Cidr.parse("fd00::/48").subnet(64, 1n).toString()).toBe("fd00:0:0:1::/64");
  });

  test("refuses what lies outside", () => {
    expect(() => range.nth(65536)).toThrow(RangeError);
    expect(() => range.nth(-1)).toThrow(RangeError);
    expect(() => range.subnet(24, 256)).toThrow(RangeError);
    expect(() => range.subnets(8)).toThrow(RangeError);
    expect(() => Address.parse("255.255.255.255").plus(1)).toThrow(RangeError);
    expect(() => Address.of("ipv4", 1n << 32n)).toThrow(RangeError);
  });

  test("never holds an address of the other family", () => {
    expect(Cidr.parse("0.0.0.0/0").contains(Address.parse("::1"))).toBe(false);
    expect(Cidr.parse("::/0").overlaps(Cidr.parse("0.0.0.0/0"))).toBe(false);
  });
});

test("an interface address keeps its host bits and knows its link", () => {
  const eth0 = InterfaceAddress.parse("192.168.1.10/24");
  expect(eth0.toString()).toBe("192.168.1.10/24");
  expect(eth0.network.toString()).toBe("192.168.1.0/24");
});

test("values print as text in JSON", () => {
  expect(JSON.stringify([Address.parse("fd00::1"), Cidr.parse("10.0.0.0/8")])).toBe('["fd00::1","10.0.0.0/8"]');
});

test.each([
  ["fd00::1", "[fd00::1]:6443"],
  ["10.0.0.1", "10.0.0.1:6443"],
  ["api.lab.example", "api.lab.example:6443"],
])("hostPort(%s)", (host, text) => {
  expect(hostPort(host, 6443)).toBe(text);
});
