// Has libFuzzer give inputs to a Worker, in the Node binary, which has V8:
//
//   node … run_fuzzer.cjs ADDON SNAPSHOT LAZY WORKER [flags of libFuzzer]
'use strict';

const [addonFile, ...rest] = process.argv.slice(2);
process.dlopen(module, addonFile);
process.exitCode = module.exports.run(...rest);
