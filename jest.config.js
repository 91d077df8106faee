// Tiers are projects: `npm run check` runs the hermetic one, `npm test` all of them (test/run.js).
// texts are compared without colours, which CI=true would turn on
process.env.NO_COLOR = "1";
const swc = { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } };
const tier = (name, folders) => ({
  displayName: name,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  transform: { "^.+\\.ts$": ["@swc/jest", swc] },
});

module.exports = {
  projects: [
    // a real browser
    tier("browser", ["browser"]),
    tier("hermetic", ["live", "spec", "addons", "plan", "cli", "components", "house"]),
    // a real Pulumi engine
    tier("engine", ["contract", "engine"]),
    // real hosts
    { ...tier("lab", ["lab"]), setupFilesAfterEnv: ["<rootDir>/test/lab/limit.js"] },
  ],
  testSequencer: "<rootDir>/test/by-name.js",
};
