/** What a stack keeps of a spec is the spec, with its defaults, and no place on the operator's machine. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { diffSpecs } from "../../plan/diff";
import { parseSpec } from "../../spec";
import { keepSpec, readKept, shared } from "../../spec/keep";
import { STAND_INS } from "../plan/stand-ins";

const pairs = join(__dirname, "../plan/diff");
const files = readdirSync(pairs)
  .map((name) => join(pairs, name, "new.yaml"))
  .filter(existsSync);

test.each(files)("%s comes back as it was", (file) => {
  const { spec } = parseSpec(readFileSync(file, "utf8"), { file, placeholderKey: "k" });
  const back = readKept(keepSpec(spec));
  expect(back).toEqual(shared(spec));
  expect(diffSpecs(back, shared(spec), STAND_INS)).toMatchObject({
    changed: false,
    refused: [],
    fields: [],
    hosts: [],
    objects: [],
  });
  expect(keepSpec(back)).toBe(keepSpec(spec));
});

test("the place of the private key is the operator's own", () => {
  const [file = ""] = files;
  const { spec } = parseSpec(readFileSync(file, "utf8"), { file, placeholderKey: "k" });
  expect(keepSpec({ ...spec, ssh: { identityFile: "/home/me/key" } })).toBe(keepSpec(spec));
});
