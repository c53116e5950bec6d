// Runs the tests that need V8, with the flags of GoogleTest:
//
//   node --no-node-snapshot run_js_tests.cjs ADDON SNAPSHOT LAZY [--gtest_…]
'use strict';

const [addonFile, ...rest] = process.argv.slice(2);
process.dlopen(module, addonFile);
try {
  process.exitCode = module.exports.run(...rest);
} catch (error) {
  process.stderr.write(`js tests: ${error.message}\n`);
  process.exitCode = 1;
}
