/** Which hosts a run asks first, and what of their answers stops it. */
import { join } from "node:path";
import { stops, toldBefore, touchedHosts } from "../../../cli/up/preflight";
import { diffSpecs } from "../../../plan/diff";
import type { Finding, Preflight } from "../../../plan/preflight";
import { parseSpec } from "../../../spec";
import { specOf } from "../../up/project";

const of = (count: number, change = (text: string) => text) =>
  parseSpec(specOf(count, change), { file: join(__dirname, "idle.yaml") }).spec;
const finding = (severity: Finding["severity"], ...hosts: string[]): Finding => ({
  ...{ code: "swap", title: "no swap", severity, hosts },
  ...{ found: "2.0 GiB of swap", why: "kubelet ends", remedy: "swapoff -a" },
});
const seen = (findings: Finding[], ...unreachable: string[]): Preflight => ({
  findings,
  passed: [{ code: "init", title: "systemd starts the services" }],
  unreachable: unreachable.map((host) => ({ host, problem: "refused" })),
});

test.each<[string, string[], ReturnType<typeof diffSpecs> | undefined]>([
  ["all hosts of a new cluster", ["node-0", "node-1"], diffSpecs(undefined, of(2))],
  ["all hosts where nobody knows what runs", ["node-0", "node-1"], undefined],
  ["none where nothing changes", [], diffSpecs(of(2), of(2))],
  ["none for a host that leaves", [], diffSpecs(of(3), of(2))],
  [
    "those whose files change",
    ["node-1"],
    diffSpecs(
      of(2),
      of(2, (text) => text.replace("fd00:20::3/64", "fd00:20::33/64")),
    ),
  ],
])("%s", (_, names, diff) => expect(touchedHosts(of(2), diff)).toEqual(names));

test.each<[string, boolean, Preflight]>([
  ["an error of a host that is touched stops", true, seen([finding("error", "a", "b")])],
  ["one of a host that is left alone does not", false, seen([finding("error", "b")])],
  ["a warning does not", false, seen([finding("warning", "a")])],
  ["a touched host that cannot be asked stops", true, seen([], "a")],
  ["another one does not", false, seen([], "b")],
])("%s", (_, stopped, found) => expect(stops(found, ["a"])).toBe(stopped));

test("people read what to do, or one line", () => {
  expect(toldBefore(seen([finding("note", "a")]), false, "prod")).toBe("preflight: 1 check passed\n");
  expect(toldBefore(seen([finding("warning", "a")]), false, "prod")).toBe(
    "warning swap (a): 2.0 GiB of swap\n  why   kubelet ends\n  do    swapoff -a\n1 checks passed, 0 errors, 1 warning\n",
  );
  expect(toldBefore(seen([finding("error", "a")]), true, "prod")).toMatch(
    /mend the errors before pulumi up\nnothing was changed\. Mend the errors, then `dualstack up prod` again; `--skip-preflight` /,
  );
});
