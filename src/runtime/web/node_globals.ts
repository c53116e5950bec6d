// Node's globals and modules, for Workers that have them (nodejs_compat). Nothing of
// Node's library is loaded before one of them is used.
import { ObjectDefineProperty, SymbolFor } from './primordials.ts';
import { eachEntry, nodeCompat } from './webidl.ts';

// The functions of Node's module `timers` that stand behind the global ones.
export interface NodeTimers {
  setTimeout(...args: unknown[]): object;
  setInterval(...args: unknown[]): object;
  clearTimeout(timeout: unknown): void;
}

export const nodeState: {
  // The bindings of the worker: process.env shows those that are text.
  env: object;
  // Since Node's library is there: its timers where they are loaded, or where hooks of
  // async_hooks, and so domains, wait to see timers.
  timers: (() => NodeTimers | null) | null;
  // Since the platform's PerformanceObserver is there: whether one wants such entries.
  hasObserver: ((type: string) => boolean) | null;
  // Since a class of Node's library is there that may be copied: the copy of an object;
  // false where it cannot be copied, null where it is of no such class.
  clone: ((object: object) => object | false | null) | null;
  // Since util.transferableAbortSignal() was called: what comes of an object that is
  // transferred; null where it may not be.
  handOver: ((object: object) => object | null) | null;
} = { env: {}, timers: null, hasObserver: null, clone: null, handOver: null };

const names = ['Buffer', 'clearImmediate', 'global', 'process', 'setImmediate'];

// As those of timers.ts, but for what they give.
const timerFunctions = {
  setTimeout(callback: unknown, delay: unknown = 0, ...args: unknown[]): object {
    return lazy('node_timers').startTimeout(callback, delay, args, false);
  },
  setInterval(callback: unknown, delay: unknown = 0, ...args: unknown[]): object {
    return lazy('node_timers').startTimeout(callback, delay, args, true);
  },
  clearTimeout(timeout: unknown): void {
    lazy('node_timers').clearTimeout(timeout);
  },
  clearInterval(timeout: unknown): void {
    lazy('node_timers').clearTimeout(timeout);
  },
};

// For util.promisify(setTimeout).
const promisified = {
  get: () => lazy('node').promisifiedTimeout(),
  configurable: true,
};

// C++ calls this once, before the worker's modules are evaluated. With `timers`,
// setTimeout() and setInterval() are Node's.
export function offerNode(env: object, timers: boolean): void {
  nodeState.env = env;
  nodeCompat.given = true;
  if (timers)
    eachEntry(timerFunctions, (name, value) => {
      ObjectDefineProperty(globalObject, name, { value });
    });
  const { setTimeout } = globalObject as unknown as { setTimeout: object };
  ObjectDefineProperty(setTimeout, SymbolFor('nodejs.util.promisify.custom'), promisified);
  const make = (name: string) => lazy('node').nodeGlobal(name);
  for (let i = 0; i < names.length; i++)
    native.defineLazy(globalObject, names[i] as string, make, false);
}

// The exports of "cloudflare:node".
export function cloudflareNode(): object {
  return lazy('node').cloudflareNode();
}

// C++ calls this for an import that the bundle does not answer. undefined: not a
// module of Node, or one that is not built.
export function nodeModule(specifier: string): unknown {
  return lazy('node').loadNodeModule(specifier);
}
