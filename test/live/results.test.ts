import { authorityOf } from "../../live/kubeconfig";
import { result, resultTable, summary } from "../../live/results";
import type { Check } from "../../plan/checks";

const check: Check = {
  id: "node-ready/cp-1",
  kind: "node-ready",
  node: "cp-1",
  title: "node cp-1 is Ready",
  look: "journalctl -u kubelet on cp-1",
};
const good = result(check, { ok: true, expected: "Ready", found: "Ready" }, 12.4, 1);
const bad = result(
  { ...check, family: "ipv6" },
  { ok: false, expected: "Ready", found: "KubeletNotReady: no CNI" },
  900,
  7,
);

test("a passed check says how long it took, and nothing of where to look", () => {
  expect(good).toEqual({
    id: "node-ready/cp-1",
    title: "node cp-1 is Ready",
    ok: true,
    expected: "Ready",
    found: "Ready",
    milliseconds: 12,
    tries: 1,
  });
});

test("a failed check says what was expected, what came, where to look, and how often it was tried", () => {
  const text = resultTable([good, bad]);
  expect(text).toContain("FAILED");
  expect(text).toContain(
    "expected  Ready\n  found     KubeletNotReady: no CNI\n  look at   journalctl -u kubelet on cp-1",
  );
  expect(text).toContain("(7 tries)");
});

test("the summary counts, and names the families", () => {
  expect(summary([good, bad])).toBe("1 of 2 checks passed (ipv6)");
  expect(summary([good])).toBe("1 of 1 checks passed");
});

test("a kubeconfig without a CA is refused", () => {
  expect(() => authorityOf("clusters: []")).toThrow("certificate-authority-data");
});
