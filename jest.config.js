// Tiers are folders: `npm run check` runs the hermetic ones, `npm test` all of them.
const swc = { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } };
const tier = (name, folders, timeout) => ({
  displayName: name,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  transform: { "^.+\\.ts$": ["@swc/jest", swc] },
  testTimeout: timeout,
});

module.exports = {
  projects: [
    tier("hermetic", ["spec", "plan", "components", "cli", "live", "house"], 20_000),
    tier("engine", ["engine"], 300_000),
    tier("lab", ["lab"], 1_800_000),
  ],
};
