import { execFileSync } from "node:child_process";
import { print, printDocument, type Step, script } from "../../hosts/document";

const file = { path: "/etc/x", mode: "0644", handler: "none" } as const;

describe("a step's document", () => {
  test("holds the text of each file line by line, so that a change is a line diff", () => {
    const step: Step = { name: "network", values: [["role", "a b"]], files: [{ ...file, text: "one\n\n  two\n" }] };
    expect(printDocument(step)).toBe("step network\nset role a b\nfile /etc/x 0644 none\n  one\n  \n    two\nend\n");
  });

  test("refuses what its lines cannot carry", () => {
    expect(() => printDocument({ name: "network", values: [["a", "b\nfile /etc/passwd"]], files: [] })).toThrow(
      "line break",
    );
    expect(() =>
      printDocument({ name: "network", values: [], files: [{ ...file, path: "/etc/a b", text: "" }] }),
    ).toThrow("cannot be planned");
  });

  test("is data for the shell, whatever a file says", () => {
    const hostile = "$(touch /tmp/owned); `id`\nend\nfile /etc/shadow 0644 none\n'\"\\";
    const step: Step = { name: "network", values: [], files: [{ ...file, text: hostile }] };
    // the script's own parser, on this machine, without its effects
    const parser = `${script("network")}\nreceive() { cat; }\nmain() { receive; }\nmain; exit\n`;
    const output = execFileSync("bash", ["-s"], { input: parser + printDocument(step), encoding: "utf8" });
    expect(output).toBe(printDocument(step));
    expect(output.split("\n").filter((line) => line === "end")).toHaveLength(1);
  });

  // they are in the state of every host
  const MOST = { network: 34_000, system: 20_000, kubernetes: 26_000 } as const;

  test.each(["network", "system", "kubernetes"] as const)("the script of %s is valid and small", (name) => {
    const text = print({ name, values: [], files: [] });
    expect(() => execFileSync("bash", ["-n"], { input: text })).not.toThrow();
    expect(text.length).toBeLessThan(MOST[name]);
    expect(text).not.toMatch(/^\s*#/m);
  });
});
