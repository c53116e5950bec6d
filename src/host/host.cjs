// A host process: loads the addon, which serves on threads of its own and keeps
// this one asleep. Started by caraveld as registry/host_launch.h says; the build uses it
// to make the snapshot:
//
//   node … host.cjs ADDON SNAPSHOT LAZY SHARDS LOG_LEVEL LOG_FORMAT PLACE PROXIES LOCAL
//   node … host.cjs ADDON --build-snapshot SCRIPT LAZY LIBRARY WEB_WARM_UP NODE_WARM_UP SNAPSHOT
'use strict';

const [addonFile, ...rest] = process.argv.slice(2);
process.dlopen(module, addonFile);
const addon = module.exports;

try {
  if (rest[0] === '--build-snapshot') {
    addon.buildSnapshot(...rest.slice(1));
  } else if (rest[0] === '--native-declarations') {
    process.stdout.write(addon.nativeDeclarations());
  } else {
    addon.start(rest[0], rest[1], Number(rest[2]), ...rest.slice(3));
  }
} catch (error) {
  process.stderr.write(`host: ${error.message}\n`);
  process.exit(1);
}
