/** How often a run saves its state: by what the change of the cluster costs, not by the size of the cluster alone. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { changedSteps, savesEveryStep } from "../../../cli/up/saving";
import { diffSpecs } from "../../../plan/diff";
import { parseSpec } from "../../../spec";
import { specOf } from "../../up/project";

function parsed(text: string) {
  return parseSpec(text, { file: "many.yaml" }).spec;
}

function side(name: string, file: "old" | "new") {
  const path = join(__dirname, "../../plan/diff", name, `${file}.yaml`);
  return parseSpec(readFileSync(path, "utf8"), { file: path, placeholderKey: "k" }).spec;
}

test.each([
  ["host-added-to-50", 3, true],
  ["gateway-moved-on-48-workers", 96, false],
])("%s changes %i steps; saved at each: %s", (name, steps, saved) => {
  const wanted = side(name, "new");
  const changed = changedSteps(wanted, diffSpecs(side(name, "old"), wanted));
  expect([changed, savesEveryStep(wanted, changed)]).toEqual([steps, saved]);
});

test.each([
  [24, true],
  [25, false],
])("%i new hosts; saved at each step: %s", (hosts, saved) => {
  const spec = parsed(specOf(hosts));
  expect(savesEveryStep(spec, changedSteps(spec, diffSpecs(undefined, spec)))).toBe(saved);
  // nobody knows what runs
  expect(savesEveryStep(spec, changedSteps(spec, undefined))).toBe(saved);
});
