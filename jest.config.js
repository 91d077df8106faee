// Tiers are projects: `npm run check` runs the hermetic one, `npm test` all of them (test/run.js).
// texts are compared without colours, which CI=true would turn on
process.env.NO_COLOR = "1";
const swc = { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } };
const tier = (name, folders) => ({
  displayName: name,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  transform: { "^.+\\.ts$": ["@swc/jest", swc] },
});
const patient = { setupFilesAfterEnv: ["<rootDir>/test/limit.js"] };

module.exports = {
  projects: [
    // a real browser
    tier("browser", ["browser"]),
    tier("hermetic", ["live", "spec", "addons", "plan", "cli", "components", "house"]),
    // a real Pulumi engine
    { ...tier("engine", ["contract", "engine"]), ...patient },
    // real hosts
    { ...tier("lab", ["lab"]), ...patient },
  ],
  testSequencer: "<rootDir>/test/by-name.js",
};
