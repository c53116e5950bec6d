// Calls an addon's run() in the Node binary, which has V8:
//
//   node … run_addon.cjs ADDON SNAPSHOT LAZY …arguments of that addon
'use strict';

const [addonFile, ...rest] = process.argv.slice(2);
process.dlopen(module, addonFile);
try {
  process.exitCode = module.exports.run(...rest);
} catch (error) {
  process.stderr.write(`${addonFile}: ${error.message}\n`);
  process.exitCode = 1;
}
