// What the platform asks of Node's library.
import { nodeState } from '../web/node_globals.ts';
import type { Loose } from './loose.ts';
import { isPublic } from './public.ts';
import { internalBinding, isLoaded, primordials, process, requireBuiltin } from './realm.ts';

// The exports of a module of Node, for `import`. undefined: the specifier names none,
// or one that is not built.
export function loadNodeModule(specifier: string): Loose {
  const id = specifier.startsWith('node:') ? specifier.slice(5) : specifier;
  if (!isPublic(id)) return undefined;
  return id === 'process' ? process : requireBuiltin(id);
}

// The exports of the module "cloudflare:node".
export function cloudflareNode(): object {
  return lazy('node_net').cloudflareNode({
    internalBinding,
    primordials,
    process,
    require: requireBuiltin,
  });
}

const globals: Readonly<Record<string, () => unknown>> = {
  Buffer: () => requireBuiltin('buffer').Buffer,
  process: () => process,
  global: () => globalObject,
  setImmediate: () => requireBuiltin('timers').setImmediate,
  clearImmediate: () => requireBuiltin('timers').clearImmediate,
};

export function nodeGlobal(name: string): unknown {
  return globals[name]?.();
}

nodeState.timers = () => {
  const hooked =
    isLoaded('internal/async_hooks') && requireBuiltin('internal/async_hooks').initHooksExist();
  return hooked || isLoaded('timers') ? requireBuiltin('timers') : null;
};

export const promisifiedTimeout = (): unknown => requireBuiltin('timers/promises').setTimeout;

// Throws what Node throws for a callback that is no function.
export function refuseCallback(callback: unknown): never {
  requireBuiltin('internal/validators').validateFunction(callback, 'callback');
  throw new TypeError('the callback is a function');
}
