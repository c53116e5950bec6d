// Modules of Node that a Worker can import and not use, as there are no processes,
// threads or terminals in it: each has the names that Node's has, and what stands for
// a function says so when it is called. What such a module can tell, it tells.
// Source: Workers documentation, "Node.js compatibility".
import * as facts from 'node-facts';
import type { Realm } from './binding.ts';
import type { Loose } from './loose.ts';
import { createRequireOf } from './require.ts';

function refuse(what: string): never {
  const error: Loose = new Error(`${what} is not supported in Workers`);
  error.code = 'ERR_METHOD_NOT_IMPLEMENTED';
  throw error;
}

// The function or class of that name, which throws.
export function refusal(id: string, name: string, kind: 'class' | 'function'): Loose {
  const what = `node:${id}: ${name}${kind === 'class' ? '' : '()'}`;
  const made =
    kind === 'class'
      ? class {
          constructor() {
            refuse(what);
          }
        }
      : () => refuse(what);
  return Object.defineProperty(made, 'name', { value: name });
}

// What is true of a Worker, in place of what was true where the names were taken.
const told: Readonly<Record<string, (realm: Realm) => Loose>> = {
  v8: ({ require }) => ({ promiseHooks: require('internal/promise_hooks') }),
  cluster: () => ({
    isMaster: true,
    isPrimary: true,
    isWorker: false,
    schedulingPolicy: 0,
    settings: {},
    workers: {},
  }),
  inspector: () => ({ close() {}, url: () => undefined }),
  'inspector/promises': () => ({ close() {}, url: () => undefined }),
  module: (realm) => {
    const { BuiltinModule } = realm.require('internal/bootstrap/realm');
    const { isBuiltin } = BuiltinModule;
    return {
      builtinModules: BuiltinModule.getAllBuiltinModuleIds(),
      createRequire: createRequireOf(realm),
      findSourceMap: () => undefined,
      isBuiltin,
      syncBuiltinESMExports() {},
    };
  },
  trace_events: () => ({ getEnabledCategories: () => undefined }),
  tty: () => ({ isatty: () => false }),
  worker_threads: () => ({
    SHARE_ENV: Symbol.for('nodejs.worker_threads.SHARE_ENV'),
    getEnvironmentData: () => undefined,
    isInternalThread: false,
    isMainThread: true,
    isMarkedAsUntransferable: () => false,
    markAsUncloneable() {},
    markAsUntransferable() {},
    parentPort: null,
    resourceLimits: {},
    setEnvironmentData() {},
    threadId: 0,
    threadName: '',
    workerData: null,
  }),
};

function make(id: string, realm: Realm): Loose {
  const module: Loose = {};
  const known = told[id]?.(realm) ?? {};
  for (const [name, { kind, value }] of Object.entries(facts.nameOnly()[id] ?? {}))
    module[name] = name in known ? known[name] : kind === 'value' ? value : refusal(id, name, kind);
  // A class is the module itself, as in Node.
  return id === 'module' ? Object.assign(refusal(id, 'Module', 'class'), module) : module;
}

export const nameOnly: Readonly<Record<string, (realm: Realm) => Loose>> = Object.fromEntries(
  facts.nameOnlyIds().map((id) => [id, (realm: Realm) => make(id, realm)]),
);
