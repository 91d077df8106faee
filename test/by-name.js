// Files of labs and engines run in the order of their names, since they build on one another; of all others the longest first.
const Sequencer = require("@jest/test-sequencer").default;

module.exports = class extends Sequencer {
  sort(tests) {
    const isAlone = tests.every(({ context }) => context.config.displayName?.name === "hermetic");
    return isAlone ? super.sort(tests) : [...tests].sort((a, b) => (a.path < b.path ? -1 : 1));
  }
};
