/** The rooms and the direction of their imports: spec <- hosts, addons <- plan <- live <- components, lab <- cli <- test. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const root = resolve(__dirname, "../..");
const ALLOWED: Record<string, string[]> = {
  spec: [],
  hosts: ["spec"],
  addons: ["spec"],
  plan: ["spec", "hosts", "addons"],
  live: ["spec", "hosts", "addons", "plan"],
  components: ["spec", "hosts", "addons", "plan", "live"],
  lab: ["spec", "addons", "live"],
  cli: ["spec", "hosts", "addons", "plan", "live", "lab"],
};
const files = (room: string) =>
  readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));

function imports(path: string): string[] {
  return [...readFileSync(path, "utf8").matchAll(/(?:from |import\(|require\()\s*"([^"]+)"/g)].map(
    ([, name]) => name ?? "",
  );
}

describe.each(Object.entries(ALLOWED))("room %s", (room, allowed) => {
  test.each(files(room))("%s imports in one direction", (file) => {
    const path = join(root, room, file);
    for (const name of imports(path)) {
      if (!name.startsWith(".")) {
        if (name.startsWith("@pulumi/")) expect(room).toBe("components");
        continue;
      }
      const target = relative(root, resolve(path, "..", name)).split("/")[0] ?? "";
      expect([room, ...allowed]).toContain(target);
    }
  });

  test.each(files(room))("%s is small", (file) => {
    expect(readFileSync(join(root, room, file), "utf8").split("\n").length).toBeLessThanOrEqual(230);
  });
});
