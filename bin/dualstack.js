#!/usr/bin/env node
// From a checkout the TypeScript sources run as they are; the published package holds them compiled.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

if (existsSync(join(__dirname, "../cli/main.ts"))) {
  require("tsx/cjs");
  require("../cli/main.ts");
} else {
  require("../dist/cli/main.js");
}
