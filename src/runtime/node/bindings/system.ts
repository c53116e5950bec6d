// Bindings that tell of the machine and of the process: in a Worker there is
// little to tell, and it is the same everywhere.
import * as facts from 'node-facts';
import { reportError } from '../../web/report.ts';
import type { Realm } from '../binding.ts';
import { nativeBinding } from '../native_binding.ts';

export function uv(): object {
  const { errors, ...codes } = facts.uv();
  const byCode = new Map(errors.map(([code, name, message]) => [code, [name, message]] as const));
  return {
    ...codes,
    errname: (code: number) => byCode.get(code)?.[0] ?? `Unknown system error ${code}`,
    getErrorMap: () => byCode,
    getErrorMessage: (code: number) => byCode.get(code)?.[1] ?? `Unknown system error ${code}`,
  };
}

export function config(): object {
  return {
    fipsMode: false,
    hasInspector: false,
    hasIntl: true,
    hasNodeOptions: false,
    hasOpenSSL: true,
    hasTracing: false,
    isDebugBuild: false,
    noBrowserGlobals: false,
    bits: 64,
    getDefaultLocale: () => 'en-US',
  };
}

export function credentials({ process }: Realm): object {
  return {
    implementsPosixCredentials: true,
    safeGetenv: (name: string) => process.env[name],
    getTempDir: () => '/tmp',
  };
}

// Source: Workers documentation, "os": there is one machine for all, without a name.
export function os(): object {
  const memory = 128 * 2 ** 20;
  return {
    getAvailableParallelism: () => 1,
    getCPUs: () => [],
    getFreeMem: () => memory,
    getHomeDirectory: () => '/tmp',
    getHostname: () => 'localhost',
    getInterfaceAddresses: () => [],
    getLoadAvg() {},
    getOSInformation: () => ['Linux', '', '', 'x86_64'],
    getPriority: () => 0,
    getTotalMem: () => memory,
    getUptime: () => 0,
    getUserInfo: () => ({ uid: -1, gid: -1, username: 'root', homedir: '/tmp', shell: null }),
    isBigEndian: false,
    setPriority: () => 0,
  };
}

export function traceEvents(): object {
  return {
    available: false,
    getCategoryEnabledBuffer: () => new Uint8Array(1),
    getEnabledCategories: () => undefined,
    isTraceCategoryEnabled: () => false,
    setTraceCategoryStateUpdateHandler() {},
    trace() {},
    usePerfetto: false,
  };
}

export function startupSnapshot(): object {
  return {
    isBuildingSnapshotBuffer: new Uint8Array(1),
    setSerializeCallback() {},
    setDeserializeCallback() {},
    setDeserializeMainFunction() {},
  };
}

export function errors(): object {
  return {
    exitCodes: facts.errors().exitCodes,
    getErrorSourcePositions: nativeBinding('util').getErrorSourcePositions,
    setPrepareStackTraceCallback() {},
    setGetSourceMapErrorSource() {},
    setSourceMapsEnabled() {},
    setMaybeCacheGeneratedSourceMap() {},
    setEnhanceStackForFatalException() {},
    noSideEffectsToString: (value: unknown) => String(value),
    triggerUncaughtException: (error: unknown) => reportError(error),
  };
}

export function diagnosticsChannel(): object {
  const subscribers = new Uint32Array(64);
  const indexes = new Map<string, number>();
  return {
    subscribers,
    getOrCreateChannelIndex(name: string): number {
      let index = indexes.get(name);
      if (index === undefined) {
        index = indexes.size;
        indexes.set(name, index);
      }
      return index;
    },
    linkNativeChannel() {},
  };
}
